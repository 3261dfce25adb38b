/** Pods of the library in one process, with every timing at its default. */
import { createDataManager } from '../../src/index.ts';
import { Rates } from './rates-schema.ts';
import { serve } from './workers.ts';

let serial = 0;

/** Two datasets, as the hedging service has. */
function createPod(url: string, namespace: string) {
  const dataset = {
    schema: Rates,
    source: async () => ({ serial: serial++, date: '2026-09-28', bases: { eur: { usd: 1.17 } } }),
    refreshInterval: '5m',
  };
  return createDataManager({ namespace, redis: url, logger: false, datasets: { rates: dataset, terms: dataset } });
}

const pods: ReturnType<typeof createPod>[] = [];

serve({
  async start({ url, namespace, count }: { url: string; namespace: string; count: number }) {
    // A rollout, not a stampede: a few at a time.
    while (pods.length < count) {
      const batch = Array.from({ length: Math.min(10, count - pods.length) }, () => createPod(url, namespace));
      await Promise.all(batch.map((pod) => pod.start({ timeout: '120s' })));
      pods.push(...batch);
    }
  },
  /** How many lead, and how many hold both datasets in the newest revision that any pod here holds. */
  look() {
    const revisions = pods.map((pod) => `${pod.version('rates').revision}/${pod.version('terms').revision}`);
    return {
      leaders: pods.filter((pod) => pod.isLeader()).length,
      followers: pods.filter((pod) => pod.role() === 'follower').length,
      revisions: [...new Set(revisions)],
      rss: process.memoryUsage().rss,
    };
  },
});
