/** What is secret in the settings stands in no answer, however much fails. */
import { expect, test } from 'vitest';
import { type RunningService, runService } from '../../src/hedging/index.ts';
import { startRedisServer } from '../harness/redis-server.ts';

const secrets = { password: 'hunter2-of-redis', key: 'hunter2-of-the-api', token: 'hunter2-of-operators' };
const paths = [
  '/livez',
  '/readyz',
  '/health',
  '/metrics',
  '/version',
  '/revision',
  '/rates',
  '/terms',
  '/dashboard/about',
];

async function answersOf({ http }: RunningService): Promise<string> {
  const answers = paths.map(async (path) => {
    const response = await fetch(`http://127.0.0.1:${http.port}${path}`);
    return `${JSON.stringify([...response.headers])} ${await response.text()}`;
  });
  return (await Promise.all(answers)).join('\n');
}

test('no password, key or token in any answer, though neither Redis nor the API can be used', async () => {
  const redis = await startRedisServer({ password: 'another' });
  const environment = {
    REDIS_ADDR: `redis://:${secrets.password}@127.0.0.1:${redis.port}`,
    RATES_URL: `http://user:${secrets.key}@127.0.0.1:1/rates?key=${secrets.key}`,
    TERMS_URL: `http://127.0.0.1:1/terms?key=${secrets.key}`,
    ADMIN_TOKEN: secrets.token,
    HTTP_HOST: '127.0.0.1',
    HTTP_PORT: '0',
    LOG_LEVEL: 'silent',
  };
  const refused = await runService(environment);
  await expect.poll(() => answersOf(refused), { timeout: 15_000 }).toContain('"kind":"misconfigured"');
  const alone = await runService({ ...environment, ENABLE_DISTRIBUTED_MANAGER: 'false' });
  await expect.poll(() => answersOf(alone), { timeout: 15_000 }).toContain('"kind":"sourceFailed"');
  const said = (await answersOf(refused)) + (await answersOf(alone));
  for (const secret of Object.values(secrets)) expect(said).not.toContain(secret);
  await refused.stop();
  await alone.stop();
});
