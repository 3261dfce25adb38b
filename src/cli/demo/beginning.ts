/** From nothing to a fleet of which every pod serves data. */
import { formatDuration } from '../../duration.ts';
import { counted, shorten } from './display.ts';
import { hasData } from './faults.ts';
import { startPods } from './fleet.ts';
import { glimpse, placeOf } from './glimpse.ts';
import type { Stage } from './stage.ts';
import { until } from './until.ts';

const longestValue = 110;

export async function begin(stage: Stage): Promise<void> {
  const { options, fleet, calls, display, signal } = stage;
  const { roster } = fleet;
  const all = counted(options.pods, 'pod');
  display.phase(`Starting ${all}`);
  const startedAt = performance.now();
  await startPods(fleet, options.pods, signal);
  await until(() => roster.running().length >= options.pods && roster.running().every(hasData), {
    what: `${all} serve data`,
    limitMs: 60_000 + 1_000 * options.pods,
    signal,
  });
  calls.noteAllServe(Date.now());
  const took = formatDuration(performance.now() - startedAt);
  display.event(`${options.pods} of ${all} serve rates and terms, ${took} after the first was started`, 'good');
  await lookIntoRedis(stage);
}

/** A person can do the same in another window meanwhile. */
export async function lookIntoRedis({ redisAddress, display }: Stage): Promise<void> {
  if (redisAddress === undefined || !placeOf(redisAddress).canBeLookedAt) return;
  try {
    const glimpses = await glimpse(redisAddress);
    display.pin([
      'Redis can be read with redis-cli while this runs. Just now:',
      ...glimpses.flatMap(({ command, value }) => [`$ ${command}`, `  ${shorten(value ?? '(nil)', longestValue)}`]),
    ]);
  } catch (error) {
    display.event(`Redis could not be looked into: ${(error as Error).message}`, 'fault');
  }
}
