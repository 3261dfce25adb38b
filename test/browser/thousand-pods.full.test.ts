/** A fleet of 1,000 simulated pods on the page, live: what it costs the server, the wire and the browser. */
import { setTimeout as pace } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { TraceLine } from '../../machines/index.ts';
import { DashboardFeed } from '../../src/service/dashboard/feed.ts';
import { serveDashboard } from '../../src/service/dashboard/serve-alone.ts';
import { leaderElected, type SimulatedFleet, simulateFleet } from '../../src/testing/index.ts';
import { cells, leaderText, usingBrowser } from './page.ts';

const open = usingBrowser();
const pods = 1_000;
/** The kill of the leader falls into it. */
const watchedMs = 10_000;

/** As often as the pods of the demo say it. */
function statuses(fleet: SimulatedFleet, at: number): TraceLine[] {
  return fleet.pods
    .filter(({ isAwake }) => isAwake)
    .map((pod) => ({
      ...({ type: 'pod.status', at, podId: pod.id, label: pod.name, role: pod.role(), epoch: 1 } as const),
      ...{ isLeader: pod.isLeader(), versions: {} },
    }));
}

test(`${pods} pods update smoothly`, async () => {
  const datasets = { rates: { refreshInterval: '2s' } } as const;
  const fleet = await simulateFleet({ pods, seed: 1, datasets, startApart: 2, history: 0 });
  await fleet.until(leaderElected);
  await fleet.advance('20s');
  const feed = new DashboardFeed({ now: () => fleet.wallMs() });
  const server = await serveDashboard({ about: { title: '1,000 pods', mode: 'live', faults: [] }, feed });
  let told = fleet.trace.length;
  let statusAt = 0;
  let [bytes, lines, tellMs] = [0, 0, 0];
  const tell = () => {
    const startedAt = performance.now();
    const isDue = fleet.wallMs() - statusAt >= 1_000;
    if (isDue) statusAt = fleet.wallMs();
    const news = [...fleet.trace.slice(told), ...(isDue ? statuses(fleet, statusAt) : [])];
    told = fleet.trace.length;
    for (const line of news) feed.tell(line);
    tellMs += performance.now() - startedAt;
    lines += news.length;
  };
  tell();
  const page = await open(server.url);
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  session.on('Network.dataReceived', ({ dataLength }) => {
    bytes += dataLength;
  });
  await session.send('Performance.enable');
  const taskSeconds = async () =>
    (await session.send('Performance.getMetrics')).metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0;
  await expect.poll(() => cells(page).count(), { timeout: 10_000 }).toBe(pods);
  const before = await taskSeconds();
  const frames = page.evaluate(
    (forMs) =>
      new Promise<number[]>((resolve) => {
        const gaps: number[] = [];
        const startedAt = performance.now();
        let last = startedAt;
        const frame = (now: number) => {
          gaps.push(now - last);
          last = now;
          if (now - startedAt < forMs) requestAnimationFrame(frame);
          else resolve(gaps);
        };
        requestAnimationFrame(frame);
      }),
    watchedMs,
  );
  [bytes, lines, tellMs] = [0, 0, 0];
  const startedAt = performance.now();
  let isKilled = false;
  let virtualMs = 0;
  while (performance.now() - startedAt < watchedMs) {
    // In the pace of the wall clock, or slower where it can't be simulated that fast.
    await fleet.advance('100ms');
    tell();
    virtualMs += 100;
    await pace(Math.max(0, virtualMs - (performance.now() - startedAt)));
    if (!isKilled && performance.now() - startedAt > watchedMs / 3) {
      fleet.leader.crash();
      isKilled = true;
    }
  }
  const gaps = (await frames).slice(1).toSorted((a, b) => a - b);
  const busy = (await taskSeconds()) - before;
  const at = (share: number) => Math.round(gaps[Math.floor((gaps.length - 1) * share)] ?? 0);
  const seconds = (performance.now() - startedAt) / 1_000;
  console.log(
    [
      `${pods} pods at ${(virtualMs / 1_000 / seconds).toFixed(1)} times the pace of the clock, ${(lines / seconds).toFixed(0)} lines told a second`,
      `server: ${((100 * tellMs) / 1_000 / seconds).toFixed(1)} % of a core to tell them`,
      `wire: ${(bytes / 1_000 / seconds).toFixed(0)} KB a second to each page`,
      `browser: ${((100 * busy) / seconds).toFixed(0)} % of a core; frames: ${(gaps.length / seconds).toFixed(0)} a second, median ${at(0.5)} ms, 95 % within ${at(0.95)} ms, longest ${at(1)} ms`,
    ].join('\n'),
  );
  await expect.poll(() => leaderText(page), { timeout: 10_000 }).toMatch(/leads, epoch/);
  // Smooth: most frames come in time; measured above, with a simulation on the same two cores.
  expect(gaps.length / seconds).toBeGreaterThan(10);
  await server.close();
}, 120_000);
