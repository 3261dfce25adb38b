/**
 * A user's program, type-checked and run against the packed tarball (tarball.test.ts). It stands for what the README
 * promises: if it has to change, every user's program has to.
 */
import { createDataManager } from 'bellwether';
import * as hedging from 'bellwether/hedging';
import { createPodHttp } from 'bellwether/http';
import { podMachine } from 'bellwether/machines';
import * as testing from 'bellwether/testing';
import { z } from 'zod';

const Rates = z.object({ base: z.string(), rates: z.record(z.string(), z.number()) });

const manager = createDataManager({
  namespace: 'tarball',
  redis: 'memory:',
  datasets: {
    rates: {
      schema: Rates,
      source: async () => ({ base: 'EUR', rates: { USD: 1.17 } }),
      refreshInterval: '5m',
    },
  },
});

await manager.start({ timeout: '20s' });
const rates = manager.get('rates');
// The types come from the schema: these are not `any`.
const base: string = rates.base;
const dollar: number | undefined = rates.rates.USD;
const { revision, isValid } = manager.version('rates');
const isLeader: boolean = manager.isLeader();
const role = manager.role();
const http = createPodHttp(manager);
const { status } = await http.fetch(new Request('http://pod/readyz'));
await manager.stop();

console.log(`result ${JSON.stringify({ base, dollar, revision, isValid, isLeader, role, status })}`);
console.log(`entries ${JSON.stringify([podMachine.id !== '', Object.keys(hedging), Object.keys(testing)])}`);

/** Never called: only its errors are of interest. */
export function mistakes(): unknown[] {
  return [
    // @ts-expect-error the schema has no such field
    manager.get('rates').quote,
    // @ts-expect-error there is no such dataset
    manager.get('terms'),
    createDataManager({
      namespace: 'tarball',
      redis: 'memory:',
      // @ts-expect-error a dataset has a schema and a source
      datasets: { rates: { refreshInterval: '5m' } },
    }),
  ];
}
