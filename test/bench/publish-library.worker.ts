/** Pods of the library in one process, all of them followers: the lease is the benchmark's. */
import { createDataManager } from '../../src/index.ts';
import { Arrivals, type Round } from './arrivals.ts';
import { Rates } from './rates-schema.ts';
import { serve } from './workers.ts';

function createPod(url: string, namespace: string) {
  return createDataManager({
    namespace,
    redis: url,
    logger: false,
    datasets: {
      rates: { schema: Rates, source: () => Promise.reject(new Error('never leads')), refreshInterval: '5m' },
    },
  });
}

let pods: ReturnType<typeof createPod>[] = [];
let arrivals = new Arrivals(0);

serve({
  async start({ url, namespace, count }: { url: string; namespace: string; count: number }) {
    arrivals = new Arrivals(count);
    pods = Array.from({ length: count }, () => createPod(url, namespace));
    await Promise.all(pods.map((pod) => pod.start({ timeout: '60s' })));
    for (const pod of pods) pod.subscribe('rates', () => arrivals.note());
  },
  arm: () => arrivals.arm(),
  collect: (round: Round) => arrivals.collect(round, () => pods.map((pod) => pod.get('rates') as Rates)),
});
