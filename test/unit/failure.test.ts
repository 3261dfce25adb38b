/** What the machines read off an error, whatever a user's source threw. */
import { expect, test } from 'vitest';
import { failureOf } from '../../machines/index.ts';

test.each([
  ['a number', 1_500, 1_500],
  ['what comes of a date taken for seconds', Number.NaN, undefined],
  ['less than nothing', -1, undefined],
  ['a text', '5', undefined],
])('a wait of %s is %s: %s', (_, retryAfterMs, read) => {
  const error = Object.assign(new Error('rate limited'), { kind: 'sourceFailed', retryAfterMs });
  expect(failureOf(error)).toEqual({
    kind: 'sourceFailed',
    message: 'rate limited',
    ...(read !== undefined && { retryAfterMs: read }),
  });
});
