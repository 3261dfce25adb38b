/** The dashboard of the service: any pod shows the whole fleet, as Redis tells of it; it gets over losses of both. */
import { expect, test } from 'vitest';
import { startFxApi } from '../../src/cli/demo/fx-api.ts';
import { createHedgingService, type HedgingService } from '../../src/hedging/index.ts';
import { createApp } from '../../src/service/app.ts';
import { ServiceDashboard } from '../../src/service/dashboard/service-dashboard.ts';
import { serveHttp } from '../../src/service/serve-http.ts';
import { freePort } from '../harness/free-port.ts';
import { startRedisServer } from '../harness/redis-server.ts';
import { barriers, cells, leaderText, usingBrowser } from './page.ts';

const open = usingBrowser();
const lostConnection = /Failed to load resource: net::ERR_/;

function serve(service: HedgingService, port: number) {
  const dashboard = new ServiceDashboard('Bellwether: hedging');
  dashboard.attach(service.manager);
  const app = createApp((error) => {
    throw error;
  }).route('/', dashboard.routes);
  return serveHttp({ host: '127.0.0.1', port, app }).then((http) => ({
    url: `http://127.0.0.1:${http.port}/dashboard`,
    close: async () => {
      dashboard.close();
      await http.close();
    },
  }));
}

test('the page of one pod shows all; it says so while Redis is away; it comes back when its server does', async () => {
  const [redis, api] = [await startRedisServer(), await startFxApi()];
  const services = Array.from({ length: 3 }, (_, index) =>
    createHedgingService({
      redis: redis.url,
      ratesUrl: `${api.url}/rates`,
      termsUrl: `${api.url}/terms`,
      podId: `pod-${index + 1}`,
      logger: false,
      timing: { pollInterval: '1s' },
    }),
  );
  await Promise.all(services.map((service) => service.initialize()));
  const port = await freePort();
  let server = await serve(services[2] as HedgingService, port);
  const page = await open(server.url, { isAllowed: lostConnection });
  await expect.poll(() => cells(page).count(), { timeout: 10_000 }).toBe(3);
  await expect.poll(() => cells(page, 'leader').count(), { timeout: 10_000 }).toBe(1);
  expect(await leaderText(page)).toMatch(/^pod-\d leads, epoch 1$/);
  expect(await page.locator('[data-fault]').count()).toBe(0);
  await expect.poll(() => page.locator('#datasets').textContent(), { timeout: 10_000 }).toContain('3 of 3');
  expect(await barriers(page)).toEqual([]);

  await redis.stop();
  await expect
    .poll(() => page.locator('[data-pod="pod-3"]').getAttribute('data-look'), { timeout: 15_000 })
    .toBe('degraded');
  await expect
    .poll(() => page.locator('#fleet-failure').textContent(), { timeout: 15_000 })
    .toMatch(/^As last seen, because Redis can't be asked/);
  expect(await cells(page).count()).toBe(3);
  expect(await barriers(page)).toEqual([]);

  await redis.start();
  await expect.poll(() => page.locator('#fleet-failure').isVisible(), { timeout: 15_000 }).toBe(false);
  await expect.poll(() => cells(page, 'leader').count(), { timeout: 15_000 }).toBe(1);

  await server.close();
  await expect.poll(() => page.locator('#connection').textContent(), { timeout: 15_000 }).toContain('connection lost');
  server = await serve(services[2] as HedgingService, port);
  await expect.poll(() => page.locator('#connection').textContent(), { timeout: 10_000 }).toBe('● live');
  await expect.poll(() => cells(page, 'leader').count(), { timeout: 10_000 }).toBe(1);

  await server.close();
  await Promise.all(services.map((service) => service.shutdown()));
  await api.close();
}, 90_000);
