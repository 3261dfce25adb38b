/** `manager.get` and `Map.get`, in one process, in turns. */

import { z } from 'zod';
import { createDataManager } from '../../src/index.ts';
import { serve } from './workers.ts';

const Counted = z.object({ weight: z.number(), list: z.array(z.number()) });
type Counted = z.infer<typeof Counted>;

const operations = 4_000_000;

/**
 * What is read is used, and every result is checked: nothing can be optimised away. One function a variant, so that
 * neither shares its compiled code with the other.
 */
type Loop = (count: number) => number;

function mapLoop(map: ReadonlyMap<string, Counted>): Loop {
  return (count) => {
    let sum = 0;
    for (let i = 0; i < count; i += 1) sum += (map.get('rates') as Counted).weight;
    return sum;
  };
}

function mapLoopOfTwo(map: ReadonlyMap<string, Counted>, names: readonly string[]): Loop {
  return (count) => {
    let sum = 0;
    for (let i = 0; i < count; i += 1) sum += (map.get(names[i & 1] as string) as Counted).weight;
    return sum;
  };
}

function measure(loop: Loop): number {
  const from = process.hrtime.bigint();
  const sum = loop(operations);
  const ns = Number(process.hrtime.bigint() - from);
  if (sum !== operations) throw new Error(`read ${sum}, not ${operations}`);
  return ns / operations;
}

async function run({ rounds }: { rounds: number }) {
  const data: Counted = { weight: 1, list: [1, 2, 3] };
  const dataset = { schema: Counted, source: async () => data, refreshInterval: '5m' };
  const manager = createDataManager({
    namespace: 'bench-reads',
    logger: false,
    datasets: { rates: dataset, terms: dataset },
  });
  await manager.start({ timeout: '20s' });
  const map = new Map(['rates', 'terms'].map((name) => [name, { ...data }]));
  const names = ['rates', 'terms'] as const;
  const loops: Record<string, Loop> = {
    'Map.get, one name': mapLoop(map),
    'get(), one name': (count) => {
      let sum = 0;
      for (let i = 0; i < count; i += 1) sum += manager.get('rates').weight;
      return sum;
    },
    'Map.get, two names': mapLoopOfTwo(map, names),
    'get(), two names': (count) => {
      let sum = 0;
      for (let i = 0; i < count; i += 1) sum += manager.get(names[i & 1] as 'rates').weight;
      return sum;
    },
  };
  const samples: Record<string, number[]> = Object.fromEntries(Object.keys(loops).map((name) => [name, []]));
  for (let round = -10; round < rounds; round += 1) {
    const order = Object.entries(loops);
    if (round % 2 !== 0) order.reverse();
    for (const [name, loop] of order) {
      const ns = measure(loop);
      if (round >= 0) samples[name]?.push(ns);
    }
  }
  await manager.stop();
  return samples;
}

serve({ run });
