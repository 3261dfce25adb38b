/** A pod of the library: ready when it serves verified data. */
import { measureFootprint } from './footprint-probe.ts';

await measureFootprint(async (url, namespace) => {
  const { createDataManager } = await import('../../src/index.ts');
  const { Rates } = await import('./rates-schema.ts');
  return {
    async start() {
      const source = () => Promise.reject(new Error('never leads'));
      const datasets = { rates: { schema: Rates, source, refreshInterval: '5m' } };
      const manager = createDataManager({ namespace, redis: url, logger: false, datasets });
      await manager.start({ timeout: '30s' });
      manager.get('rates');
    },
  };
});
