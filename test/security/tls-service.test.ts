/** The service at a Redis that asks for the client's certificate, as its environment names the files. */
import { expect, onTestFinished, test } from 'vitest';
import { start } from '../cli/bellwether.ts';
import { startCountingSource } from '../harness/counting-source.ts';
import { startRedisServer } from '../harness/redis-server.ts';

test('comes up with them, and says what is missing without', async () => {
  const [redis, source] = await Promise.all([startRedisServer({ tls: 'mutual' }), startCountingSource()]);
  onTestFinished(() => source.close());
  if (!redis.certificates) throw new Error('expected certificates');
  const { ca, client } = redis.certificates;
  const own = { REDIS_TLS_CERT: client.cert, REDIS_TLS_KEY: client.key };
  const serve = (access: Record<string, string>) =>
    start(['service'], {
      ...{
        REDIS_ADDR: redis.url,
        RATES_URL: source.url,
        TERMS_URL: source.url,
        HTTP_HOST: '127.0.0.1',
        HTTP_PORT: '0',
      },
      ...access,
    });
  const known = serve({ REDIS_TLS_CA: ca, ...own });
  const unknown = serve({ REDIS_TLS_CA: ca });
  const distrustful = serve(own);
  await Promise.all([
    known.says(/Became leader/),
    unknown.says(/No secure connection .* and the client's where Redis asks for one/),
    distrustful.says(/No secure connection .* give the authority's certificate/),
  ]);
  for (const { child, ended } of [known, unknown, distrustful]) {
    child.kill('SIGTERM');
    expect((await ended).code).toBe(0);
  }
});
