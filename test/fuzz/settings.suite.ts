/** Environment variables and options: either something that works, or one error that says what is wrong and no secret. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { readEnvironment } from '../../src/hedging/environment.ts';
import { createHedgingService } from '../../src/hedging/index.ts';
import { BellwetherError, createDataManager } from '../../src/index.ts';
import { assertFor, boundingMemory, type Extent } from './campaign.ts';
import { hostileText } from './hostile.ts';

const secret = 'S3CR3T';

const secretText = hostileText.map((text) => `${secret}${text}${secret}`);

const address = fc
  .tuple(
    fc.constantFrom('redis', 'rediss', 'tcp', 'unix', 'http', 'memory', 'redis+sentinel', ''),
    secretText,
    hostileText,
  )
  .map(([scheme, password, host]) => `${scheme}://user:${password}@${host}`);

const aFile = fc.constantFrom('/dev/zero', '/dev/null', '/', '/nowhere', 'package.json', '\u0000', '');

const plausible = fc.constantFrom('', 'true', 'false', '10%', '101%', '5m', '0', '-5m', '1e9', '8080', '70000', 'info');

const variables = fc.record(
  {
    REDIS_ADDR: fc.oneof(hostileText, address),
    RATES_URL: fc.oneof(hostileText, fc.webUrl(), fc.constant('http://127.0.0.1/%')),
    TERMS_URL: fc.oneof(hostileText, fc.webUrl()),
    RATES_REFRESH_INTERVAL: fc.oneof(hostileText, plausible),
    TERMS_REFRESH_INTERVAL: fc.oneof(hostileText, plausible),
    LOCK_TTL: fc.oneof(hostileText, plausible),
    ENABLE_DISTRIBUTED_MANAGER: fc.oneof(hostileText, plausible),
    HOSTNAME: hostileText,
    HTTP_HOST: hostileText,
    HTTP_PORT: fc.oneof(hostileText, plausible),
    LOG_LEVEL: fc.oneof(hostileText, plausible),
    REDIS_USERNAME: hostileText,
    REDIS_PASSWORD: secretText,
    REDIS_TLS_CA: aFile,
    REDIS_TLS_CERT: aFile,
    REDIS_TLS_KEY: aFile,
    INTEGRITY_KEY: secretText,
    INTEGRITY_KEY_FILE: aFile,
    INTEGRITY_REQUIRED: fc.oneof(hostileText, plausible),
    ADMIN_TOKEN: fc.oneof(secretText, fc.constant(secret)),
    __proto__: hostileText,
  },
  { requiredKeys: [] },
);

/** Half of them have what every environment needs, so that the rest is reached. */
const environments = fc.tuple(variables, fc.boolean()).map(([some, isComplete]) => ({
  ...some,
  ...(isComplete && { RATES_URL: 'http://127.0.0.1/rates', TERMS_URL: 'http://127.0.0.1/terms' }),
}));

function outcomeOf(run: () => unknown): 'taken' | 'refused' {
  try {
    run();
    return 'taken';
  } catch (error) {
    if (!(error instanceof BellwetherError)) throw error;
    expect(error.code).toBe('configuration');
    expect(error.message).not.toContain(secret);
    expect(JSON.stringify(error)).not.toContain(secret);
    return 'refused';
  }
}

const schema = z.object({ usd: z.number() });
const source = async () => ({ usd: 1 });
const anything = fc.anything({
  withBigInt: true,
  withDate: true,
  withMap: true,
  withNullPrototype: true,
  withSparseArray: true,
});
const value = fc.oneof(
  anything,
  hostileText,
  fc.constantFrom('5m', 1_000, 0, -1, Number.NaN, Number.POSITIVE_INFINITY),
);

const dataset = fc.record(
  {
    schema: fc.oneof({ weight: 4, arbitrary: fc.constant(schema) }, { weight: 1, arbitrary: value }),
    source: fc.oneof({ weight: 4, arbitrary: fc.constant(source) }, { weight: 1, arbitrary: value }),
    refreshInterval: fc.oneof(fc.constant('5m'), value),
    maxAge: value,
    budget: fc.oneof(value, fc.record({ calls: value, per: value })),
    sourceTimeLimit: value,
    required: value,
    maxBytes: value,
    compressAboveBytes: value,
  },
  { requiredKeys: ['schema', 'source', 'refreshInterval'] },
);

const timing = fc.dictionary(
  fc.constantFrom('renewInterval', 'beliefWindow', 'grace', 'pollInterval', 'retryCap', '__proto__', 'leaseTtl'),
  value,
);

const options = fc.record(
  {
    namespace: fc.oneof(fc.constant('fuzz'), value),
    datasets: fc.oneof(fc.dictionary(fc.constantFrom('rates', '__proto__', 'a b', ''), dataset), value),
    redis: fc.oneof(value, address, fc.record({ address: fc.oneof(value, address), password: value, tls: value })),
    mode: value,
    podId: value,
    leaseTtl: value,
    timing: fc.oneof(timing, value),
    integrity: fc.oneof(value, fc.record({ keys: value, required: value })),
    onWarning: value,
    clock: value,
    random: value,
    newId: value,
    backup: value,
    [secret.toLowerCase()]: value,
  },
  { requiredKeys: ['namespace', 'datasets'] },
);

export function fuzzSettings(extent: Extent): void {
  const runs = extent === 'whole' ? 4_000 : 300;

  test('environments: settings, or one error that names no secret', { timeout: 300_000 }, async () => {
    const outcomes = { taken: 0, refused: 0 };
    await boundingMemory(() =>
      assertFor(environments, runs, (environment) => {
        outcomes[outcomeOf(() => createHedgingService(readEnvironment(environment).hedging))] += 1;
      }),
    );
    expect(outcomes.taken).toBeGreaterThan(0);
    expect(outcomes.refused).toBeGreaterThan(0);
  });

  test('options of createDataManager: a manager, or one error that names no secret', { timeout: 300_000 }, async () => {
    await boundingMemory(() =>
      assertFor(fc.oneof({ weight: 9, arbitrary: options }, { weight: 1, arbitrary: anything }), runs, (given) => {
        const create = createDataManager as (options: unknown) => unknown;
        outcomeOf(() => create(typeof given === 'object' && given !== null ? { logger: false, ...given } : given));
      }),
    );
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });
}
