/** What leaves a pod when somebody inspects it: steps and events, never a payload or a secret; nothing when nobody does. */
import { createWebSocketReceiver } from '@statelyai/inspect';
import { expect, test, vi } from 'vitest';
import { z } from 'zod';
import { createDataManager } from '../../src/index.ts';
import {
  chartsOf,
  inspectCharts,
  inspectWithStately,
  type Step,
  startStatelyRelay,
} from '../../src/inspection/index.ts';
import { withoutPayloads } from '../../src/inspection/stately.ts';
import { freePort } from '../harness/free-port.ts';
import { startRedisServer } from '../harness/redis-server.ts';

const payload = 'what-only-pods-may-know';
const password = 'a-password-of-Redis';

const dataset = {
  schema: z.object({ secret: z.string() }),
  source: async () => ({ secret: payload }),
  refreshInterval: '1m',
} as const;

test('Stately Inspect sees every machine of a pod, and neither payload nor password', async () => {
  const { port } = await startRedisServer({ acl: [`user default on >${password} ~* &* +@all`] });
  const relay = await startStatelyRelay(await freePort());
  const seen: string[] = [];
  createWebSocketReceiver({ server: relay.url }).subscribe((event) => seen.push(JSON.stringify(event)));
  const { inspect, stop } = await inspectWithStately({ url: relay.url });
  const manager = createDataManager({
    namespace: 'inspected',
    redis: `redis://:${password}@127.0.0.1:${port}`,
    datasets: { rates: dataset },
    logger: false,
    inspect,
  });
  await manager.start();
  expect(manager.get('rates')).toEqual({ secret: payload });
  await vi.waitFor(() => {
    for (const machine of ['pod', 'lease', 'refresh', 'sync'])
      expect(
        seen.some((event) => event.includes(`\\"id\\":\\"${machine}\\"`) || event.includes(`"name":"${machine}`)),
        machine,
      ).toBe(true);
    expect(seen.join()).toContain('refresh.published');
  });
  await manager.stop();
  stop();
  relay.stop();
  expect(seen.join()).not.toContain(payload);
  expect(seen.join()).not.toContain(password);
});

test('whatever an event may carry one day: bytes, headers and long texts stay here', () => {
  const shown = withoutPayloads({
    type: 'x',
    payload: { a: 1 },
    bytes: Buffer.from('abc'),
    headers: { authorization: 'Bearer t' },
    list: [{ password: 'p', text: 'y'.repeat(1_000) }],
  });
  expect(shown).toEqual({
    type: 'x',
    payload: '(left out)',
    bytes: '3 bytes',
    headers: '(left out)',
    list: [{ password: '(left out)', text: `${'y'.repeat(300)}…` }],
  });
});

test('the dashboard is told states and transitions by their ids, only while it wants them', async () => {
  const steps: Step[] = [];
  let isWanted = true;
  const manager = createDataManager({
    namespace: 'charts',
    redis: 'memory:charts',
    datasets: { rates: dataset },
    logger: false,
    inspect: inspectCharts({ tell: (step) => steps.push(step), isWanted: () => isWanted }),
  });
  await manager.start();
  expect(steps).toContainEqual({
    chart: 'pod',
    states: expect.arrayContaining(['pod.online.leader']),
    taken: expect.arrayContaining([expect.stringMatching(/^pod\.online\.candidate\S*:done\.acquireLease:\d$/)]),
  });
  expect(new Set(steps.map(({ chart }) => chart))).toEqual(new Set(['pod', 'sync', 'lease', 'refresh:rates']));
  expect(JSON.stringify(steps)).not.toContain(payload);
  const now = chartsOf(manager.actor);
  expect(now.map(({ chart }) => chart).toSorted()).toEqual(['lease', 'pod', 'refresh:rates', 'sync']);
  isWanted = false;
  const told = steps.length;
  await manager.refresh('rates');
  expect(steps).toHaveLength(told);
  isWanted = true;
  await manager.stop();
  expect(steps.findLast(({ chart }) => chart === 'lease')).toEqual({ chart: 'lease', states: [], taken: [] });
});
