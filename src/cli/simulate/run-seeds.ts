/** Hands out seeds to processes; each takes the next when it is done with one. */
import { type ChildProcess, fork } from 'node:child_process';
import { modulePath } from '../module-path.ts';
import type { SimulateOptions } from './options.ts';
import type { Order, Told } from './worker.ts';

/**
 * @param execArgv Node's own arguments for these processes
 * @throws Error when a process ends before it has answered, naming its seed
 */
export async function runSeeds(
  options: SimulateOptions,
  onTold: (told: Told) => void,
  execArgv: string[] = process.execArgv,
): Promise<void> {
  const seeds = [...options.seeds];
  const runners = Array.from({ length: Math.min(options.processes, seeds.length) }, async () => {
    const child = fork(modulePath('./worker', import.meta.url), [], { execArgv });
    try {
      for (let seed = seeds.shift(); seed !== undefined; seed = seeds.shift()) onTold(await ask(child, seed, options));
    } finally {
      child.kill();
    }
  });
  await Promise.all(runners);
}

function ask(child: ChildProcess, seed: number, options: SimulateOptions): Promise<Told> {
  const { pods, durationMs, faults, among, isTraced, traceFile } = options;
  return new Promise((resolve, reject) => {
    const fail = (code: number | null) => reject(new Error(`The process that ran seed ${seed} ended (${code}).`));
    child.once('exit', fail);
    child.once('message', (told: Told) => {
      child.off('exit', fail);
      resolve(told);
    });
    child.send({
      seed,
      pods,
      durationMs,
      among,
      isTraced,
      traceFile,
      ...(faults !== undefined && { faults }),
    } satisfies Order);
  });
}
