/** Runs one path of an environment model against a driver, and tells at which step something did not hold. */
import type { AnyMachineSnapshot, AnyStateNode } from 'xstate';
import { Duration } from '../duration.ts';
import type { FailoverDriver, FailoverEvent, FailoverMeta } from './failover-driver.ts';

type Run = Readonly<{
  driver: FailoverDriver;
  pods: number;
  events: readonly FailoverEvent[];
  /** Before the first event, and after each. */
  states: readonly AnyMachineSnapshot[];
}>;

/** `redis.evict rates_backup`: the type, and what else it carries. */
export function nameOf({ type, ...rest }: FailoverEvent): string {
  return [type, ...Object.values(rest).map(String)].join(' ');
}

/** Stops the driver whatever happened; what went wrong first is what is told. */
export async function runPath(run: Run): Promise<void> {
  const { driver, events } = run;
  checkDriver(driver, events);
  try {
    await walk(run);
  } catch (failure) {
    await driver.stop().catch(() => {});
    throw failure;
  }
  await during('The fleet did not stop', () => driver.stop());
}

function checkDriver(driver: FailoverDriver, events: readonly FailoverEvent[]): void {
  if (typeof driver?.start !== 'function' || !Array.isArray(driver.events))
    throw new Error('run() takes a driver, such as simulatedDriver({ datasets }): one for each path.');
  for (const { type } of events)
    if (!driver.events.includes(type))
      throw new Error(
        `This driver doesn't know the event "${type}": it knows ${driver.events.join(', ')}; give it one more in "on", or leave the event out by "without".`,
      );
}

async function walk({ driver, pods, events, states }: Run): Promise<void> {
  await during('The fleet did not start', () => driver.start(pods));
  await during('At the start', () => check(driver, states[0]));
  for (const [i, event] of events.entries()) {
    const taken = events.slice(0, i + 1).map(nameOf);
    await during(`After step ${i + 1} of ${events.length} (${taken.join(', ')})`, async () => {
      await driver.perform(event);
      await check(driver, states[i + 1]);
    });
  }
  await during('The fleet did not recover', () => driver.recover());
  await during('Over the whole path', async () => driver.judge());
}

async function check(driver: FailoverDriver, state: AnyMachineSnapshot | undefined): Promise<void> {
  const active = (state?._nodes ?? []) as AnyStateNode[];
  const metas = active.map(({ meta }) => meta as FailoverMeta | undefined).filter((meta) => meta !== undefined);
  await driver.settle(longestOf(metas.map(({ settle }) => settle)));
  for (const { holds } of metas) await holds?.(driver.view());
}

/** Where several states are active, each has its time. */
function longestOf(durations: readonly (Duration | undefined)[]): Duration | undefined {
  const inMs = durations.filter((duration) => duration !== undefined).map((duration) => Duration.parse(duration));
  return inMs.length > 0 ? Math.max(...inMs) : undefined;
}

async function during<T>(where: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (cause) {
    throw new Error(`${where}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}
