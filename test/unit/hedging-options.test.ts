/** The options of the hedging service: every fault in one error, under the name that its caller wrote. */
import { expect, test } from 'vitest';
import { createHedgingService } from '../../src/hedging/index.ts';
import { BellwetherError } from '../../src/index.ts';

const good = { ratesUrl: 'http://localhost/rates', termsUrl: 'http://localhost/terms', logger: false } as const;
const aUrl = "expected a URL such as 'https://api.example.com/rates'";
const aDuration = "expected a duration such as '5m', '30s' or a number of milliseconds";
const unknown = 'there is no such option';

/** The lines of the error, without their indent. */
function faultsOf(options: unknown): string[] {
  try {
    (createHedgingService as (options: unknown) => unknown)(options);
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(BellwetherError);
    expect(error).toMatchObject({ code: 'configuration' });
    const [head, ...lines] = (error as Error).message.split('\n');
    expect(head).toBe('The options of createHedgingService are wrong:');
    return lines.map((line) => line.trim());
  }
}

test('good options make a service, and the two URLs are all that is needed', () => {
  expect(faultsOf(good)).toEqual([]);
  const { isLeader, getLatestRevision } = createHedgingService({ ...good, headers: { 'x-api-key': 'k' } });
  expect([isLeader(), getLatestRevision()]).toEqual([false, { revision: 0, isValid: false, rates: null, terms: null }]);
});

test.each<[unknown, string]>([
  [undefined, '(options): expected an object'],
  [null, '(options): expected an object'],
  ['http://localhost', '(options): expected an object'],
  [{ ...good, ratesUrl: 'x' }, `ratesUrl: ${aUrl}`],
  [{ ...good, termsUrl: undefined }, `termsUrl: ${aUrl}`],
  [{ ...good, ratesRefreshInterval: 'z' }, `ratesRefreshInterval: ${aDuration}`],
  [{ ...good, termsRefreshInterval: 0 }, `termsRefreshInterval: ${aDuration}`],
  [{ ...good, headers: { host: 'x' } }, 'headers.host: is set by the source itself: leave it out'],
  [{ ...good, namespace: 'a b' }, 'namespace: expected letters, digits, "_", "." and "-", in parts that ":" separates'],
  [{ ...good, timing: { grace: 'x' } }, `timing.grace: ${aDuration}`],
  [{ ...good, logger: 5 }, 'logger: expected a pino logger or false'],
  [{ ...good, backup: { folder: '' } }, 'backup.folder: expected the path of a folder'],
  [{ ...good, datasets: {} }, `datasets: ${unknown}`],
  [{ ...good, ratesURL: 'http://localhost' }, `ratesURL: ${unknown}`],
  [{ ...good, connect: () => undefined }, `connect: ${unknown}`],
])('%j is told with its path and what is expected', (options, fault) => {
  expect(faultsOf(options)).toEqual([fault]);
});

test('all faults are told in one error, and no secret among them', () => {
  const faults = faultsOf({
    redis: 'redis//user:hunter2@nowhere',
    ratesUrl: 'http://me:hunter2%@localhost',
    termsUrl: 'y',
    headers: { authorization: 'hunter2\nx' },
    ratesRefreshInterval: 'z',
    leaseTtl: '1s',
    mode: 'alone',
    datasets: {},
    more: 1,
  });
  expect(faults.map((fault) => fault.split(':')[0])).toEqual([
    'datasets',
    'more',
    'ratesUrl',
    'headers.authorization',
    'termsUrl',
    'ratesRefreshInterval',
    'mode',
    'leaseTtl',
    'redis',
  ]);
  expect(faults.join()).not.toContain('hunter2');
});

test('a user and password in a URL beside the header that says the same are told once', () => {
  const options = { ...good, ratesUrl: 'http://me:hunter2@localhost', headers: { Authorization: 'Bearer hunter2' } };
  expect(faultsOf(options)).toEqual([
    'headers.authorization: the url holds a user and password already: give one of the two',
  ]);
});
