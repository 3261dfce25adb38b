/**
 * A real Prometheus, two real pods, a real Redis: the rules load, an alert fires when Redis is stopped and resolves when
 * it is back, and every query of the board has an answer.
 */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { startFxApi } from '../../src/cli/demo/fx-api.ts';
import { start } from '../cli/bellwether.ts';
import { ageSchedule } from '../harness/aged-schedule.ts';
import { freePort } from '../harness/free-port.ts';
import { type Prometheus, startPrometheus } from '../harness/prometheus.ts';
import { startRedisServer } from '../harness/redis-server.ts';
import { alerts, boardQueries, rulesFile } from './deployed.ts';

const patiently = { timeout: 30_000, interval: 200 };
const token = 'correct-horse-battery-staple';

/** The rules as they are deployed, but that nobody waits for minutes here. */
const hasty = readFileSync(rulesFile, 'utf8').replace(/\bfor: \w+/g, 'for: 1s');

const firing = async (prometheus: Prometheus) =>
  (await prometheus.query('ALERTS{alertstate="firing"}')).map(({ metric }) => metric.alertname).toSorted();

test('rules load, an alert fires when Redis is stopped and resolves when it is back; the board has answers', async () => {
  const [redis, api] = [await startRedisServer(), await startFxApi()];
  await ageSchedule(redis.url, 'hedging');
  const ports = [await freePort(), await freePort()];
  const pods = ports.map((port) =>
    start(['service'], {
      REDIS_ADDR: redis.url,
      RATES_URL: `${api.url}/rates`,
      TERMS_URL: `${api.url}/terms`,
      HTTP_HOST: '127.0.0.1',
      HTTP_PORT: String(port),
      ADMIN_TOKEN: token,
    }),
  );
  const targets = ports.map((port) => `127.0.0.1:${port}`);
  const isReady = (target: string) =>
    fetch(`http://${target}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    );
  for (const target of targets) await expect.poll(() => isReady(target), patiently).toBe(true);
  const prometheus = await startPrometheus({ job: 'hedging-service', targets, rules: hasty });

  const leaders = async () => (await prometheus.query('sum(bellwether_is_leader)'))[0]?.value[1];
  await expect.poll(leaders, patiently).toBe('1');
  await expect
    .poll(async () => (await prometheus.rules()).map(({ name, health }) => [name, health]), patiently)
    .toEqual(alerts.map(({ alert }) => [alert, 'ok']));
  await expect.poll(() => firing(prometheus), patiently).toEqual([]);

  // A second revision, so that its way to the pods is known.
  api.advance('rates');
  const headers = { authorization: `Bearer ${token}` };
  const refreshed = await fetch(`http://${targets[0]}/admin/refresh/rates`, { method: 'POST', headers });
  expect(await refreshed.json()).toMatchObject({ outcome: 'published' });
  const answers = boardQueries.map(({ title, expr }) => ({ title, ask: () => prometheus.query(expr) }));
  // The election was before the first scrape: its mark on the board comes with the next one.
  for (const { title, ask } of answers.filter((query) => query.title !== 'Elections'))
    await expect.poll(async () => (await ask()).length, { ...patiently, message: title }).toBeGreaterThan(0);

  await redis.stop();
  await expect
    .poll(() => firing(prometheus), patiently)
    .toEqual(expect.arrayContaining(['BellwetherDegraded', 'BellwetherNoLeader']));
  const [degraded] = await prometheus.query('ALERTS{alertname="BellwetherDegraded"}');
  expect(degraded?.metric).toMatchObject({ job: 'hedging-service', severity: 'warning' });
  for (const target of targets) expect(await isReady(target)).toBe(true);

  await redis.start();
  await expect.poll(() => firing(prometheus), patiently).toEqual([]);
  expect(await leaders()).toBe('1');
  for (const { title, ask } of answers)
    await expect.poll(async () => (await ask()).length, { ...patiently, message: title }).toBeGreaterThan(0);

  await prometheus.stop();
  for (const { child } of pods) child.kill('SIGTERM');
  for (const { ended } of pods) expect(await ended).toMatchObject({ code: 0 });
  await redis.stop();
  await api.close();
}, 120_000);
