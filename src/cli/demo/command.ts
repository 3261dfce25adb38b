/** `bellwether demo`: sets the stage, has the script played, tidies up, and says what came of it. */
import { CallCounter } from './calls.ts';
import { openDashboard } from './dashboard.ts';
import type { Display } from './display.ts';
import { listenForInterruption } from './interruption.ts';
import { Journal } from './journal.ts';
import { Leftovers } from './leftovers.ts';
import { Narrator } from './narrator.ts';
import { type DemoOptions, parseDemoOptions } from './options.ts';
import { plainDisplay } from './plain.ts';
import { Publications } from './publications.ts';
import { RedisTroubles } from './redis-troubles.ts';
import { play } from './script.ts';
import { prepare, type Setting } from './setting.ts';
import { summaryLines } from './summary.ts';
import { liveTable } from './table.ts';
import { type Finding, verdictOf } from './verdict.ts';
import { viewOf } from './view.ts';
import { openWorkspace } from './workspace.ts';

type Outcome = Readonly<{ findings: readonly Finding[]; wasInterrupted: boolean }>;

export async function demo(args: readonly string[]): Promise<number> {
  const options = parseDemoOptions(args);
  const leftovers = new Leftovers();
  const workspace = openWorkspace();
  leftovers.add({ end: () => workspace.close(), endAtOnce: () => workspace.removeAtOnce() });
  // Whatever ends this process, an error of ours included: nothing is left running.
  const endAtOnce = () => leftovers.endAtOnce();
  process.once('exit', endAtOnce);
  const interruption = listenForInterruption(() => process.exit(130));
  try {
    const setting = await prepare(options, workspace, leftovers);
    // An error points there.
    workspace.keepFolder(true);
    const { findings, wasInterrupted } = await perform(options, setting, interruption.signal, leftovers);
    const isBroken = findings.some(({ violations }) => violations.length > 0);
    workspace.keepFolder(isBroken);
    if (isBroken) print([`The logs of the pods and of Redis are in ${workspace.folder}`, '']);
    if (isBroken) return 1;
    return wasInterrupted ? 130 : 0;
  } finally {
    await leftovers.end();
    process.off('exit', endAtOnce);
    interruption.end();
  }
}

async function perform(
  options: DemoOptions,
  setting: Setting,
  signal: AbortSignal,
  leftovers: Leftovers,
): Promise<Outcome> {
  const { api, fleet, redis, redisAddress, introduction } = setting;
  const startedAt = performance.now();
  const calls = new CallCounter(api, options);
  const journal = new Journal(fleet.roster);
  print(introduction);
  let view = viewOf(fleet.roster, calls, Date.now());
  const dashboard = await openDashboard(fleet, calls, options, redis !== undefined);
  print([`  See it  ${dashboard.url}`, '']);
  const display = dashboard.alsoTelling(
    displayOf(introduction[0] ?? '', () => {
      // When the last pod is gone, the last that was seen of the fleet stays in sight.
      if (view.pods === 0 || fleet.roster.live().length > 0) view = viewOf(fleet.roster, calls, Date.now());
      return { elapsedMs: performance.now() - startedAt, view };
    }),
  );
  // A terminal whose cursor is hidden gets it back, however the run ends.
  leftovers.add({ end: async () => display.close(), endAtOnce: () => display.close() });
  const narrator = new Narrator(display, fleet.roster, new RedisTroubles(redis));
  const publications = new Publications(fleet.roster, (spread) => narrator.tellReached(spread));
  let wasInterrupted = false;
  try {
    const stage = { options, fleet, journal, publications, calls, api, display, redis, redisAddress, signal };
    dashboard.attach(stage);
    ({ wasInterrupted } = await play(stage));
  } finally {
    display.close();
    await dashboard.close();
  }
  const findings = verdictOf({
    intervalMs: options.intervalMs,
    journal,
    calls: calls.times(),
    limited: calls.limited(),
  });
  print(summaryLines(findings, calls, options, wasInterrupted));
  return { findings, wasInterrupted };
}

function displayOf(title: string, now: Parameters<typeof plainDisplay>[1]): Display {
  const { stdout, env } = process;
  if (!stdout.isTTY || env.TERM === 'dumb') return plainDisplay((text) => stdout.write(text), now);
  return liveTable(stdout, title, now, !env.NO_COLOR);
}

function print(lines: readonly string[]): void {
  process.stdout.write(lines.map((line) => `${line}\n`).join(''));
}
