/** Environment variables and options: either something that works, or one error that says what is wrong and no secret. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { readEnvironment, Variables } from '../../src/hedging/environment.ts';
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

/** Mostly something that works, so that one bad value among good ones is what is met most. */
const mostly = (good: readonly string[], ...bad: fc.Arbitrary<string>[]) =>
  fc.oneof({ weight: 12, arbitrary: fc.constantFrom(...good) }, ...bad);

const [durations, flags] = [
  ['', '5m', '90s', '1h'],
  ['', 'true', 'false'],
] as const;
const oddDuration = fc.constantFrom('0', '-5m', '1e9', '5 m', '5M', 'P1D', '9999999d');

const variables = fc.record(
  {
    REDIS_ADDR: mostly(['', 'redis://127.0.0.1:1', 'unix:/nowhere', 'memory:'], hostileText, address),
    RATES_URL: mostly(['http://127.0.0.1/rates'], hostileText, fc.webUrl(), fc.constant('http://127.0.0.1/%')),
    TERMS_URL: mostly(['http://127.0.0.1/terms'], hostileText, fc.webUrl()),
    RATES_REFRESH_INTERVAL: mostly(durations, hostileText, oddDuration),
    TERMS_REFRESH_INTERVAL: mostly(durations, hostileText, oddDuration),
    LOCK_TTL: mostly(durations, hostileText, oddDuration),
    ENABLE_DISTRIBUTED_MANAGER: mostly([...flags, '10%'], hostileText, fc.constantFrom('101%', '-1%', '1e1%', '%')),
    HOSTNAME: mostly(['pod-1'], hostileText),
    BACKUP_FOLDER: mostly([''], aFile, hostileText),
    HTTP_HOST: mostly(['127.0.0.1'], hostileText),
    HTTP_PORT: mostly(['', '0', '8080'], hostileText, fc.constantFrom('70000', '-1', '1.5', '0x50', '1e3')),
    LOG_LEVEL: mostly(['', 'info'], hostileText),
    REDIS_USERNAME: mostly([''], hostileText),
    REDIS_PASSWORD: mostly([''], secretText),
    REDIS_TLS_CA: mostly([''], aFile),
    REDIS_TLS_CERT: mostly([''], aFile),
    REDIS_TLS_KEY: mostly([''], aFile),
    INTEGRITY_KEY: mostly([''], secretText),
    INTEGRITY_KEY_FILE: mostly([''], aFile),
    INTEGRITY_REQUIRED: mostly(flags, hostileText),
    ADMIN_TOKEN: mostly([''], secretText, fc.constant(secret)),
    ['__proto__']: hostileText,
  },
  { requiredKeys: ['RATES_URL', 'TERMS_URL'] },
);

/** `names`: all that a fault may name. */
function outcomeOf(run: () => unknown, names?: readonly string[]): 'taken' | 'refused' {
  try {
    run();
    return 'taken';
  } catch (error) {
    if (!(error instanceof BellwetherError)) throw error;
    expect(error.code).toBe('configuration');
    expect(error.message).not.toContain(secret);
    expect(JSON.stringify(error)).not.toContain(secret);
    if (names) for (const { path } of error.faults ?? []) expect(names).toContain(path[0]);
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

/** Mostly something that works, so that one bad value among good ones is what is met most. */
const mostlyAny = (good: readonly unknown[], ...bad: fc.Arbitrary<unknown>[]) =>
  fc.oneof({ weight: 30, arbitrary: fc.constantFrom(...good) }, value, ...bad);

const dataset = fc.record(
  {
    schema: mostlyAny([schema]),
    source: mostlyAny([source]),
    refreshInterval: mostlyAny(['5m', 60_000]),
    maxAge: mostlyAny(['1h']),
    budget: mostlyAny([{ calls: 4, per: '5m' }], fc.record({ calls: value, per: value })),
    sourceTimeLimit: mostlyAny(['10s']),
    required: mostlyAny([true, false]),
    maxBytes: mostlyAny([1_000_000]),
    compressAboveBytes: mostlyAny([1_000]),
  },
  { requiredKeys: ['schema', 'source', 'refreshInterval'] },
);

const timing = fc.dictionary(
  fc.constantFrom('renewInterval', 'beliefWindow', 'grace', 'pollInterval', 'retryCap', '__proto__', 'leaseTtl'),
  value,
);
const names = fc.constantFrom('rates', 'rates', 'rates', 'terms', '__proto__', 'a b', '');

const options = fc.record(
  {
    namespace: mostlyAny(['fuzz']),
    datasets: fc.oneof(
      { weight: 20, arbitrary: fc.dictionary(names, dataset, { minKeys: 1, maxKeys: 2 }) },
      { weight: 1, arbitrary: value },
    ),
    redis: mostlyAny(
      ['memory:', 'redis://127.0.0.1:1'],
      address,
      fc.record({ address: fc.oneof(value, address), password: value, tls: value }),
    ),
    mode: mostlyAny(['distributed', 'standalone']),
    podId: mostlyAny(['pod-1']),
    leaseTtl: mostlyAny(['2m']),
    timing: mostlyAny([{}, { renewInterval: '10s' }], timing),
    integrity: mostlyAny([undefined], fc.record({ keys: value, required: value })),
    onWarning: mostlyAny([() => undefined]),
    clock: mostlyAny([undefined]),
    random: mostlyAny([Math.random]),
    newId: mostlyAny([() => 'id']),
    connect: mostlyAny([undefined]),
    backup: mostlyAny([undefined], fc.record({ folder: value })),
    logger: mostlyAny([false]),
    inspect: mostlyAny([undefined]),
  },
  { requiredKeys: ['namespace', 'datasets', 'logger'] },
);

export function fuzzSettings(extent: Extent): void {
  const runs = extent === 'whole' ? 4_000 : 300;

  test('environments: settings, or one error that names no secret', { timeout: 300_000 }, async () => {
    const outcomes = { taken: 0, refused: 0 };
    await boundingMemory(() =>
      assertFor(variables, runs, (environment) => {
        const outcome = outcomeOf(() => readEnvironment(environment), Object.keys(Variables.shape));
        outcomes[outcome] += 1;
        // All that can be wrong is found there, where the variables' names are known.
        if (outcome === 'taken') createHedgingService(readEnvironment(environment).hedging);
      }),
    );
    expect(outcomes.taken).toBeGreaterThan(0);
    expect(outcomes.refused).toBeGreaterThan(0);
  });

  test('options of createDataManager: a manager, or one error that names no secret', { timeout: 300_000 }, async () => {
    const outcomes = { taken: 0, refused: 0 };
    await boundingMemory(() =>
      assertFor(fc.oneof({ weight: 19, arbitrary: options }, { weight: 1, arbitrary: anything }), runs, (given) => {
        outcomes[outcomeOf(() => (createDataManager as (options: unknown) => unknown)(given))] += 1;
      }),
    );
    expect(outcomes.taken).toBeGreaterThan(0);
    expect(outcomes.refused).toBeGreaterThan(0);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });
}
