/** Hands out seeds to processes; each takes the next when it is done with one. */
import { type ChildProcess, fork } from 'node:child_process';
import { FailedRun } from '../failed-run.ts';
import { modulePath } from '../module-path.ts';
import type { SimulateOptions } from './options.ts';
import type { Order, Told } from './worker.ts';

/**
 * @param execArgv Node's own arguments for these processes
 * @throws FailedRun when a process ends before it has answered, naming its seed; the others end with it
 */
export async function runSeeds(
  options: SimulateOptions,
  onTold: (told: Told) => void,
  execArgv: string[] = process.execArgv,
): Promise<void> {
  const seeds = [...options.seeds];
  const children = Array.from({ length: Math.min(options.processes, seeds.length) }, () =>
    fork(modulePath('./worker', import.meta.url), [], { execArgv }),
  );
  const runners = children.map(async (child) => {
    for (let seed = seeds.shift(); seed !== undefined; seed = seeds.shift()) onTold(await ask(child, seed, options));
  });
  try {
    await Promise.all(runners);
  } finally {
    for (const child of children) child.kill();
  }
}

function ask(child: ChildProcess, seed: number, options: SimulateOptions): Promise<Told> {
  const { pods, durationMs, faults, among, isTraced, traceFile } = options;
  return new Promise((resolve, reject) => {
    const fail = (how: unknown) => reject(new FailedRun(`The process that ran seed ${seed} ended early (${how}).`));
    const onExit = (code: number | null, signal: string | null) => fail(code === null ? signal : `exit code ${code}`);
    const onError = ({ message }: Error) => fail(message);
    child.once('exit', onExit).once('error', onError);
    child.once('message', (told: Told) => {
      child.off('exit', onExit).off('error', onError);
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
