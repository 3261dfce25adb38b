/** The options of a pod: every fault in one error, each with its path and what is expected; good defaults. */
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { systemClock } from '../../src/clock.ts';
import { BellwetherError } from '../../src/errors.ts';
import { type PodOptions, parsePodOptions } from '../../src/pod-options.ts';
import { timing } from '../harness/samples.ts';

const dataset = { schema: z.unknown(), source: async () => 1, refreshInterval: '5m' } as const;
const good = { namespace: 'hedging', datasets: { rates: dataset } } satisfies PodOptions;
const aDuration = "expected a duration such as '5m', '30s' or a number of milliseconds";
const anAddress =
  'expected an address (redis://host:6379, rediss://…, tcp://…, unix:/path, sentinel://host1,host2/master or cluster://host1,host2), an object { address, username?, password?, tls?, … }, or an ioredis instance';

/** The lines of the error, without their indent. */
function faultsOf(options: unknown): string[] {
  try {
    parsePodOptions(options as PodOptions);
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(BellwetherError);
    expect(error).toMatchObject({ code: 'configuration' });
    const [head, ...lines] = (error as Error).message.split('\n');
    expect(head).toBe('The options of Bellwether are wrong:');
    return lines.map((line) => line.trim());
  }
}
const withDataset = (fields: object) => ({ ...good, datasets: { rates: { ...dataset, ...fields } } });

describe('a bad option', () => {
  test.each<[unknown, string]>([
    [undefined, '(options): Invalid input: expected object, received undefined'],
    [{ ...good, namespace: Object.create(null) }, 'namespace: Invalid input: expected string, received object'],
    [{ datasets: good.datasets }, 'namespace: Invalid input: expected string, received undefined'],
    [
      { ...good, namespace: 'a b' },
      'namespace: expected letters, digits, "_", "." and "-", in parts that ":" separates',
    ],
    [
      { ...good, namespace: 'a{b}' },
      'namespace: expected letters, digits, "_", "." and "-", in parts that ":" separates',
    ],
    [{ namespace: 'x' }, 'datasets: Invalid input: expected record, received undefined'],
    [{ ...good, datasets: {} }, 'datasets: expected at least one dataset'],
    [
      { ...good, datasets: { '9x': dataset } },
      'datasets.9x: expected a letter, then up to 63 letters, digits, "_" or "-"',
    ],
    [
      { ...good, datasets: { constructor: dataset } },
      'datasets.constructor: expected a name that no JavaScript object has by itself',
    ],
    [withDataset({ schema: { type: 'object' } }), 'datasets.rates.schema: expected a zod schema (zod 4)'],
    [withDataset({ source: 'https://x' }), 'datasets.rates.source: expected a function such as httpSource({ url })'],
    [withDataset({ refreshInterval: '300' }), `datasets.rates.refreshInterval: ${aDuration}`],
    [withDataset({ refreshInterval: '0s' }), `datasets.rates.refreshInterval: ${aDuration}`],
    [withDataset({ maxAge: 'never' }), `datasets.rates.maxAge: ${aDuration}`],
    [withDataset({ sourceTimeLimit: -1 }), `datasets.rates.sourceTimeLimit: ${aDuration}`],
    [withDataset({ required: 'yes' }), 'datasets.rates.required: Invalid input: expected boolean, received string'],
    [withDataset({ maxBytes: 0 }), 'datasets.rates.maxBytes: Too small: expected number to be >0'],
    [withDataset({ maxBytes: 1.5 }), 'datasets.rates.maxBytes: Invalid input: expected int, received number'],
    [withDataset({ compressAboveBytes: -1 }), 'datasets.rates.compressAboveBytes: Too small: expected number to be >0'],
    [
      withDataset({ budget: { calls: 0, per: '5m' } }),
      'datasets.rates.budget.calls: Too small: expected number to be >=1',
    ],
    [
      withDataset({ budget: { calls: 65, per: '5m' } }),
      'datasets.rates.budget.calls: Too big: expected number to be <=64',
    ],
    [withDataset({ budget: { calls: 4, per: 'hour' } }), `datasets.rates.budget.per: ${aDuration}`],
    [withDataset({ refreshIntervall: '5m' }), 'datasets.rates.refreshIntervall: there is no such option'],
    [{ ...good, mode: 'alone' }, 'mode: Invalid option: expected one of "distributed"|"standalone"'],
    [{ ...good, podId: 'a#b' }, 'podId: expected 1 to 200 characters without "#" or white space'],
    [{ ...good, leaseTtl: 'soon' }, `leaseTtl: ${aDuration}`],
    [{ ...good, timing: 5 }, 'timing: Invalid input: expected object, received number'],
    [{ ...good, timing: { pollIntervall: '5s' } }, 'timing.pollIntervall: there is no such option'],
    [{ ...good, timing: { pollInterval: 0 } }, `timing.pollInterval: ${aDuration}`],
    [{ ...good, clock: { now: () => 0 } }, 'clock: expected an object with now, monotonic, setTimeout, clearTimeout'],
    [{ ...good, random: 0.5 }, 'random: expected a function'],
    [{ ...good, newId: 'id' }, 'newId: expected a function'],
    [{ ...good, connect: {} }, 'connect: expected a function'],
    [{ ...good, onWarning: true }, 'onWarning: expected a function'],
    [{ ...good, redis: 5 }, `redis: ${anAddress}`],
    [{ ...good, redis: null }, `redis: ${anAddress}`],
    [{ ...good, redis: 'redis://localhost:99999' }, 'redis: expected a port between 1 and 65535'],
    [{ ...good, leaseTTL: '5m' }, 'leaseTTL: there is no such option'],
  ])('%j is told with its path and what is expected', (options, fault) => {
    expect(faultsOf(options)).toEqual([fault]);
  });

  test.each(['', 'localhost:6379x', 'http://localhost', 'memory'])(
    'an address such as %j is told with those that are expected',
    (redis) => {
      expect(faultsOf({ ...good, redis })).toEqual([expect.stringMatching(/^redis: expected /)]);
    },
  );

  test('never shows a password that stands in an address', () => {
    const [fault] = faultsOf({ ...good, redis: 'redis://user:secret@localhost:port' });
    expect(fault).toMatch(/^redis: /);
    expect(fault).not.toMatch('secret');
  });

  test('is told together with all the others, in one error', () => {
    const options = {
      namespace: 'a b',
      mode: 'x',
      redis: 'http://x',
      datasets: { rates: { schema: 1, source: 1, refreshInterval: 'x', budget: { calls: 0, per: 'x' } }, terms: null },
      leaseTtl: '1s',
      random: 1,
      more: 1,
    };
    expect(faultsOf({ ...options, namespace: 'ok' }).map((fault) => fault.split(':')[0])).toEqual([
      'datasets.rates.schema',
      'datasets.rates.source',
      'datasets.rates.refreshInterval',
      'datasets.rates.budget.calls',
      'datasets.rates.budget.per',
      'datasets.terms',
      'mode',
      'random',
      'more',
      'leaseTtl',
      'redis',
    ]);
    expect(faultsOf(options)[0]).toMatch(/^namespace: /);
  });

  test.each([{ namespace: 'a b' }, { leaseTtl: '1s' }, { leaseTtl: 'soon' }, { timing: { grace: '1s' } }])(
    'such as %j does not hide a bad address',
    (option) => {
      const faults = faultsOf({ ...good, ...option, redis: 'redis://user:secret@localhost:port' });
      expect(faults).toHaveLength(2);
      expect(faults[1]).toBe('redis: expected a host name or address, and a port after ":"');
    },
  );

  test('does not make an address wrong that is not looked at, because there is a `connect`', () => {
    const fault = 'mode: Invalid option: expected one of "distributed"|"standalone"';
    expect(faultsOf({ ...good, mode: 'x', redis: 'nonsense', connect: () => undefined })).toEqual([fault]);
  });

  test('can be read from the error, without its text', () => {
    const options = { ...good, leaseTtl: 'soon', timing: { grce: '1s' } } as PodOptions;
    expect(() => parsePodOptions(options)).toThrow(
      expect.objectContaining({
        faults: [
          { path: ['leaseTtl'], message: aDuration },
          { path: ['timing', 'grce'], message: 'there is no such option' },
        ],
      }),
    );
  });
});

describe('the durations', () => {
  test.each([
    [
      { timing: { grace: '1s' } },
      ['timing.grace: must be longer than beliefWindow (1250 ms), else two pods can believe that they lead'],
    ],
    [
      { leaseTtl: '2s' },
      ['leaseTtl: must be at least twice grace (3000 ms), else the lock expires before a takeover is due'],
    ],
    [
      { timing: { renewInterval: '2s' } },
      [
        'timing.beliefWindow: must be at least renewInterval + leaseCommandLimit (2800 ms), else one slow renewal ends the belief',
      ],
    ],
    [{ timing: { uncertainLimit: '1s' } }, ['timing.uncertainLimit: must be at least beliefWindow (1250 ms)']],
  ])('%j must fit together', (options, faults) => {
    expect(faultsOf({ ...good, ...options })).toEqual(faults);
  });

  test('that do not fit are all told, with other faults', () => {
    const faults = faultsOf({ ...good, mode: 'x', leaseTtl: '1s', timing: { grace: '1s' } });
    expect(faults.map((fault) => fault.split(':')[0])).toEqual(['mode', 'timing.grace', 'leaseTtl']);
  });

  test('are taken over in milliseconds, and the others have their defaults', () => {
    const options = parsePodOptions({ ...good, leaseTtl: '1m', timing: { pollInterval: '5s', grace: 2_000 } });
    expect(options.timing).toEqual({ ...timing, leaseTtlMs: 60_000, pollIntervalMs: 5_000, graceMs: 2_000 });
  });
});

describe('what is left out', () => {
  test('has good defaults', () => {
    const options = parsePodOptions(good);
    expect(options).toMatchObject({ namespace: 'hedging', mode: 'distributed', timing, clock: systemClock });
    expect(options.datasets.get('rates')).toMatchObject({
      plan: {
        name: 'rates',
        refreshIntervalMs: 300_000,
        budget: { calls: 4, perMs: 300_000 },
        backoff: { baseMs: 15_000, capMs: 60_000 },
        failuresBeforeYield: 3,
      },
      sourceLimitMs: 30_000,
      maxAgeMs: 900_000,
      isRequired: true,
      limits: { maxBytes: 16 * 1024 * 1024, compressAboveBytes: 1024 * 1024 },
    });
  });

  test.each([
    ['1s', { baseMs: 50, capMs: 500 }],
    ['10ms', { baseMs: 50, capMs: 100 }],
    ['1h', { baseMs: 15_000, capMs: 60_000 }],
  ])('backing off from a source that is refreshed every %s stays below the interval', (refreshInterval, backoff) => {
    const { datasets } = parsePodOptions({ ...good, datasets: { rates: { ...dataset, refreshInterval } } });
    expect(datasets.get('rates')?.plan.backoff).toEqual(backoff);
  });

  test('makes a pod id that names host and process and never comes twice', () => {
    const ids = Array.from({ length: 100 }, () => parsePodOptions(good).podId);
    expect(new Set(ids).size).toBe(100);
    for (const id of ids) expect(id).toMatch(new RegExp(`^[^#\\s]+-${process.pid}-\\d{19}$`));
  });
});

test('what is given is taken', () => {
  const budget = { calls: 2, per: '1h' };
  const options = parsePodOptions({
    ...withDataset({
      budget,
      maxAge: '1d',
      sourceTimeLimit: '5s',
      required: false,
      maxBytes: 10,
      compressAboveBytes: 5,
    }),
    mode: 'standalone',
    podId: 'pod-7',
  } as PodOptions);
  expect([options.mode, options.podId]).toEqual(['standalone', 'pod-7']);
  expect(options.datasets.get('rates')).toMatchObject({
    plan: { budget: { calls: 2, perMs: 3_600_000 } },
    maxAgeMs: 86_400_000,
    sourceLimitMs: 5_000,
    isRequired: false,
    limits: { maxBytes: 10, compressAboveBytes: 5 },
  });
});
