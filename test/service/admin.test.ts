/** The routes of an operator: off without a token, closed to every wrong one, and within the budget. */
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createDataManager } from '../../src/index.ts';
import { createPodHttp } from '../../src/service/index.ts';
import { startRedisServer } from '../harness/redis-server.ts';

const adminToken = 'correct-horse-battery-staple';

let count = 0;
type Settings = { adminToken?: string; redis?: string };

function pod({ redis = `memory:${count++}`, ...options }: Settings = { adminToken }) {
  let usd = 0;
  const manager = createDataManager({
    namespace: 'test',
    redis,
    logger: false,
    datasets: {
      rates: {
        schema: z.object({ usd: z.number() }),
        source: async () => ({ usd: ++usd }),
        refreshInterval: '1h',
        budget: { calls: 2, per: '1h' },
      },
    },
  });
  const http = createPodHttp(manager, { ...options, registry: false });
  const post = async (path: string, authorization?: string) => {
    const headers = authorization === undefined ? {} : { authorization };
    const response = await http.fetch(new Request(`http://pod${path}`, { method: 'POST', headers }));
    return { status: response.status, headers: response.headers, body: await response.json() };
  };
  return { manager, post };
}

describe('POST /admin/refresh/:dataset', () => {
  test('is not there without a token', async () => {
    const { post } = pod({});
    expect((await post('/admin/refresh/rates', `Bearer ${adminToken}`)).status).toBe(404);
  });

  test.each([
    [undefined, 401, 'Send the header "Authorization: Bearer <token>".'],
    ['', 401, 'Send the header "Authorization: Bearer <token>".'],
    ['Basic Y29ycmVjdA==', 400, 'Send the header "Authorization: Bearer <token>".'],
    ['Bearer', 400, 'Send the header "Authorization: Bearer <token>".'],
    ['Bearer wrong', 401, 'This is not the token.'],
    [`Bearer ${adminToken}x`, 401, 'This is not the token.'],
    [`Bearer ${adminToken.slice(0, -1)}`, 401, 'This is not the token.'],
  ])('with the header %j: %i, and nothing is called', async (authorization, status, error) => {
    const { manager, post } = pod();
    await manager.start();
    const answer = await post('/admin/refresh/rates', authorization);
    expect([answer.status, answer.body]).toEqual([status, { error }]);
    expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer /);
    expect(manager.get('rates')).toEqual({ usd: 1 });
    await manager.stop();
  });

  test('refreshes now, within the budget, and says when to ask again', async () => {
    const { manager, post } = pod();
    await manager.start();
    const refresh = () => post('/admin/refresh/rates', `Bearer ${adminToken}`);
    expect(await refresh()).toMatchObject({ status: 200, body: { outcome: 'published' } });
    expect(manager.get('rates')).toEqual({ usd: 2 });
    const refused = await refresh();
    expect(refused).toMatchObject({ status: 429, body: { outcome: 'overBudget' } });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(3_000);
    expect(await post('/admin/refresh/limits', `Bearer ${adminToken}`)).toMatchObject({
      status: 404,
      body: { error: 'There is no such dataset: this pod has rates.' },
    });
    await manager.stop();
    expect(await refresh()).toMatchObject({ status: 503, body: { outcome: 'noLeader' } });
  });

  test('a token that can be guessed is refused', () => {
    expect(() => pod({ adminToken: 'secret' })).toThrow('adminToken: expected at least 16 characters.');
  });
});

describe('POST /admin/step-down', () => {
  const stepDown = 'admin/step-down';

  test('is not there without a token, and does nothing under a wrong one', async () => {
    expect((await pod({}).post(`/${stepDown}`, `Bearer ${adminToken}`)).status).toBe(404);
    const { manager, post } = pod();
    await manager.start();
    expect((await post(`/${stepDown}`, 'Bearer wrong')).status).toBe(401);
    expect(manager.isLeader()).toBe(true);
    await manager.stop();
  });

  test('gives the lease to another pod; a pod that is alone keeps it, and one that has stopped knows no leader', async () => {
    const { url } = await startRedisServer();
    const [one, two] = [pod({ adminToken, redis: url }), pod({ adminToken, redis: url })];
    const ask = () => one.post(`/${stepDown}`, `Bearer ${adminToken}`);
    await one.manager.start();
    expect(await ask()).toMatchObject({ status: 409, body: { outcome: 'alone' } });
    await two.manager.start();
    const isTakenOver = new Promise((resolve) => two.manager.on('lease.granted', resolve));
    await expect.poll(async () => (await ask()).status).toBe(200);
    await isTakenOver;
    expect(one.manager.isLeader()).toBe(false);
    await Promise.all([one.manager.stop(), two.manager.stop()]);
    expect(await ask()).toMatchObject({ status: 503, body: { outcome: 'noLeader' } });
  });
});
