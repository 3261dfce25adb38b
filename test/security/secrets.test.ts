/** Whatever happens, no secret gets out: not by the log, the traces, HTTP, the dashboard, nor what pods say in Redis. */
import { expect, onTestFinished, test } from 'vitest';
import { start } from '../cli/bellwether.ts';
import { startCountingSource } from '../harness/counting-source.ts';
import { freePort } from '../harness/free-port.ts';
import { startRedisServer } from '../harness/redis-server.ts';
import { plainClient } from '../redis/link.ts';
import { aclLines, password } from './acl.ts';

const secrets = {
  password,
  wrong: 'wrong-horse-battery',
  integrity: 'integrity-key-of-this-fleet-0123456789',
  admin: 'admin-token-of-this-fleet-0123456789',
  query: 'query-key-of-the-source',
};
const encoded = Object.values(secrets).flatMap((secret) => [secret, encodeURIComponent(secret)]);

function leaksIn(text: string): string[] {
  return encoded.filter((secret) => text.includes(secret));
}

/** The first events of a stream, for as long as it takes for a fleet to be told. */
async function dashboardEvents(port: number): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}/dashboard/events`);
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  while (!text.includes('hedging') && !/"pods?"|podId/.test(text)) {
    const { value, done } = (await reader?.read()) ?? { done: true };
    if (done) break;
    text += value;
  }
  await reader?.cancel();
  return text;
}

test('of a service that goes through a bad source, a wrong password and its repair (promise 8)', async () => {
  const [redis, source, port] = await Promise.all([
    startRedisServer({ acl: aclLines() }),
    startCountingSource(),
    freePort(),
  ]);
  onTestFinished(() => source.close());
  const operator = plainClient(redis.url.replace('redis://', 'redis://operator:x@'));
  // The source answers documents that the service's schemas refuse: failures with their reasons.
  const url = `${source.url}?apikey=${secrets.query}`;
  const service = start(['service'], {
    REDIS_ADDR: redis.url.replace('redis://', `redis://hedging:${encodeURIComponent(password)}@`),
    RATES_URL: url,
    TERMS_URL: url,
    RATES_REFRESH_INTERVAL: '1s',
    INTEGRITY_KEY: secrets.integrity,
    ADMIN_TOKEN: secrets.admin,
    HTTP_HOST: '127.0.0.1',
    HTTP_PORT: String(port),
    LOG_LEVEL: 'trace',
  });
  await service.says(/Rates refresh failed/);
  await operator.call('ACL', 'SETUSER', 'hedging', 'resetpass', `>${secrets.wrong}`);
  await operator.call('CLIENT', 'KILL', 'USER', 'hedging');
  await service.says(/refused the user name or password/);
  await operator.call('ACL', 'SETUSER', 'hedging', 'resetpass', `>${password}`);
  source.behave('broken');
  await service.says(/apikey=\*\*\*/);
  const pages = await Promise.all(
    ['/health', '/dashboard', '/dashboard/about', '/metrics', '/version', '/revision', '/livez', '/readyz'].map(
      async (path) => (await fetch(`http://127.0.0.1:${port}${path}`)).text(),
    ),
  );
  const told = [...pages, await dashboardEvents(port)];
  const keys = await operator.keys('hedging:*');
  const stored = await Promise.all(
    keys.map(async (key) => JSON.stringify(await operator.call('DUMP', key).catch(() => ''))),
  );
  const reports = JSON.stringify(await operator.hgetall('hedging:pods:reports'));
  service.child.kill('SIGTERM');
  const { stdout, stderr } = await service.ended;
  expect(stdout).toContain('apikey=***');
  expect([stdout, stderr, reports, ...told, ...stored].flatMap(leaksIn)).toEqual([]);
});

test('of a service that can’t even start: its faults name variables, and repeat nothing', async () => {
  const { code, stdout, stderr } = await start(['service'], {
    REDIS_ADDR: `redis//hedging:${password}@nowhere`,
    RATES_URL: 'nonsense',
    INTEGRITY_KEY: 'short-but-secret',
    REDIS_TLS_CERT: '/no/such/certificate',
  }).ended;
  expect(code).not.toBe(0);
  for (const variable of ['REDIS_ADDR', 'RATES_URL', 'INTEGRITY_KEY', 'REDIS_TLS_CERT'])
    expect(stderr + stdout).toContain(`  ${variable}: `);
  expect([
    ...leaksIn(stdout + stderr),
    ...['short-but-secret'].filter((one) => (stdout + stderr).includes(one)),
  ]).toEqual([]);
});
