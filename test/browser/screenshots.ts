/**
 * `npm run screenshots:dashboard`: the dashboard as the README and docs/dashboard.md show it, from the running demo, a
 * simulation of 1,000 pods and a counterexample of the model checker.
 *
 * ```sh
 * tsx test/browser/screenshots.ts [folder [replay|thousand|demo …]]     # default: docs/screenshots, all of them
 * ```
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { traceText } from '../../machines/index.ts';
import { DashboardFeed } from '../../src/service/dashboard/feed.ts';
import { serveDashboard } from '../../src/service/dashboard/serve-alone.ts';
import { explore, leaderElected, simulateFleet } from '../../src/testing/index.ts';
import { start } from '../cli/bellwether.ts';
import { launchBrowser, type Theme } from '../harness/browser.ts';
import { endLeftovers } from '../harness/leftovers.ts';
import { type Bug, brokenOptions, bugs } from '../model/bugs.ts';
import { writeDashboard } from '../package/build.ts';

const folder = process.argv[2] ?? 'docs/screenshots';
const wide = { width: 1280, height: 960 };
const phone = { width: 390, height: 844 };
/** What was done last is still to be seen. */
const settleMs = 2_500;

mkdirSync(folder, { recursive: true });
await writeDashboard('dist');
const browser = await launchBrowser();

async function shoot(url: string, name: string, options: { size?: typeof wide; theme?: Theme; act?: Act } = {}) {
  const { size = wide, theme = 'light', act } = options;
  const page = await browser.newPage({ viewport: size, colorScheme: theme });
  await page.goto(url);
  await page.locator('.cell').first().waitFor();
  await act?.(page);
  await page.waitForTimeout(settleMs);
  const path = join(folder, `${name}.png`);
  await page.screenshot({ path });
  console.log(path);
  await page.close();
}
type Act = (page: Page) => Promise<unknown>;

async function shootDemo(): Promise<void> {
  const demo = start(['demo', '--interval', '10s', '--no-faults', '--keep']);
  await demo.says(/running on until Ctrl-C/);
  const url = /See it {2}(\S+)/.exec(demo.output())?.[1] ?? '';
  const kill: Act = async (page) => {
    await page.locator('[data-fault="kill-leader"]').click();
    await page.locator('#fault-answer', { hasText: 'was killed' }).waitFor();
  };
  await shoot(url, 'dashboard', { act: kill });
  await shoot(url, 'dashboard.dark', { theme: 'dark' });
  await shoot(url, 'dashboard.phone', { size: phone });
  await shoot(url, 'dashboard.degraded', {
    act: async (page) => {
      await page.locator('[data-fault="redis-stop"]').click();
      await page.locator('[data-look="degraded"]').first().waitFor();
    },
  });
  demo.child.kill('SIGINT');
  await demo.ended;
}

async function shootReplay(): Promise<void> {
  const bug = bugs.find(({ what }) => what === 'publish without a fence') as Bug;
  const { counterexample } = await explore(brokenOptions(bug));
  const trace = traceText(counterexample?.trace ?? []);
  const about = { title: 'Counterexample: publish without a fence', mode: 'replay', faults: [] } as const;
  const server = await serveDashboard({ about, trace });
  const toEnd: Act = async (page) =>
    page.locator('#slider').fill((await page.locator('#slider').getAttribute('max')) ?? '0');
  await shoot(server.url, 'replay', { act: toEnd });
  await shoot(server.url, 'replay.dark', { theme: 'dark', act: toEnd });
  await shoot(server.url, 'replay.phone', { size: phone, act: toEnd });
  await server.close();
}

async function shootThousand(): Promise<void> {
  const datasets = { rates: { refreshInterval: '10s' }, terms: { refreshInterval: '10s' } } as const;
  const fleet = await simulateFleet({ pods: 1_000, seed: 1, datasets, startApart: 5, history: 0 });
  await fleet.until(leaderElected);
  await fleet.advance('20s');
  const feed = new DashboardFeed({ now: () => fleet.wallMs() });
  for (const line of fleet.trace) feed.tell(line);
  for (const pod of fleet.pods) {
    const versions = Object.fromEntries(fleet.datasets.map((name) => [name, pod.version(name)] as const));
    const status = {
      type: 'pod.status',
      at: fleet.wallMs(),
      podId: pod.id,
      label: pod.name,
      role: pod.role(),
    } as const;
    feed.tell({ ...status, epoch: 1, isLeader: pod.isLeader(), versions });
  }
  const server = await serveDashboard({ about: { title: '1,000 simulated pods', mode: 'live', faults: [] }, feed });
  await shoot(server.url, 'thousand-pods');
  await server.close();
}

const scenes = { replay: shootReplay, thousand: shootThousand, demo: shootDemo };
const chosen = process.argv.slice(3);

try {
  for (const [name, scene] of Object.entries(scenes)) if (chosen.length === 0 || chosen.includes(name)) await scene();
} finally {
  await browser.close();
  endLeftovers();
}
