/** A read of the current data against a read of a plain map. */
import { median, type Result, spread } from './report.ts';
import { Worker } from './workers.ts';

const rounds = 60;

export async function benchReads(): Promise<Result> {
  const worker = new Worker('reads.worker');
  const samples = await worker.call<Record<string, number[]>>('run', { rounds });
  await worker.end();
  const ratio = (names: string) => {
    const [get = [], plain = []] = [samples[`get(), ${names}`], samples[`Map.get, ${names}`]];
    return median(get.map((ns, i) => ns / (plain[i] ?? Number.NaN)));
  };
  return {
    benchmark: 'reads',
    method: `manager.get('rates') and map.get('rates') in one process, memory store; ${rounds} rounds of 4 million each, interleaved, order reversed every other round.`,
    tables: [
      {
        title: 'ns an operation, loop and use of the result included',
        rows: Object.entries(samples).map(([variant, ns]) => ({ variant, ...spread(ns) })),
      },
    ],
    aims: ['one name', 'two names'].map((names) => ({
      what: `get() / Map.get, ${names}, median of ratios`,
      value: ratio(names),
      atMost: 1.5,
    })),
    raw: Object.fromEntries(Object.entries(samples).map(([variant, ns]) => [`${variant} ns`, ns])),
  };
}
