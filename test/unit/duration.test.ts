import { describe, expect, test } from 'vitest';
import { Duration, formatDuration } from '../../src/duration.ts';

const readable = "expected a duration such as '5m', '30s' or a number of milliseconds";

describe('a duration', () => {
  test.each<[number | string, number]>([
    ['250ms', 250],
    ['30s', 30_000],
    ['5m', 300_000],
    ['1h', 3_600_000],
    ['1.5h', 5_400_000],
    ['1d', 86_400_000],
    ['5 m', 300_000],
    [' 5m ', 300_000],
    ['1.1s', 1_100],
    ['0.5ms', 1],
    [300_000, 300_000],
    [1.4, 1],
    ['365d', 31_536_000_000],
  ])('%j is %d milliseconds', (written, ms) => {
    expect(Duration.parse(written)).toBe(ms);
  });

  test.each<[unknown]>([
    ['300'],
    ['5M'],
    ['5min'],
    ['m'],
    ['-5m'],
    ['+5m'],
    ['1e3s'],
    ['1,5h'],
    ['.5h'],
    ['1h30m'],
    [''],
    ['0s'],
    ['0.1ms'],
    ['٥m'],
    ['5m\u0000'],
    [0],
    [-1],
    [0.2],
    [Number.NaN],
    [null],
    [undefined],
    [true],
    [{}],
    [[]],
    [new Date(5)],
  ])('%j is refused, and the message says what is expected', (written) => {
    const { error } = Duration.safeParse(written);
    expect(error?.issues.map(({ message }) => message)).toEqual([readable]);
  });

  test.each<[unknown]>([['366d'], ['999999999999999d'], [Number.MAX_VALUE]])('%j is refused as too long', (written) => {
    expect(Duration.safeParse(written).error?.issues[0]?.message).toBe(`${readable}, at most '365d'`);
  });

  test('infinity is refused', () => {
    expect(Duration.safeParse(Number.POSITIVE_INFINITY).success).toBe(false);
  });

  test('a very long text is refused without delay', () => {
    expect(Duration.safeParse(`${'1'.repeat(1_000_000)}m`).success).toBe(false);
    expect(Duration.safeParse(`${' '.repeat(1_000_000)}m`).success).toBe(false);
  });
});

describe('formatting a duration', () => {
  test.each([
    [300_000, '5m'],
    [1_500, '1.5s'],
    [250, '250ms'],
    [3_600_000, '1h'],
    [5_400_000, '1.5h'],
    [86_400_000, '1d'],
    [100_001, '1.7m'],
    [0, '0ms'],
    [0.4, '0ms'],
    [1, '1ms'],
    [950, '950ms'],
    [3_420_000, '57m'],
    [-1_500, '-1.5s'],
  ])('%d milliseconds read %j', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });

  test('rounding up never shows sixty of a unit', () => {
    expect(formatDuration(59_960)).toBe('1m');
    expect(formatDuration(3_599_999)).toBe('1h');
    expect(formatDuration(999.7)).toBe('1s');
  });

  test('what is formatted reads back as the same duration, for all durations people write', () => {
    for (const written of [
      '1ms',
      '999ms',
      '1s',
      '1.5s',
      '59s',
      '1m',
      '1.5m',
      '30m',
      '1h',
      '2.5h',
      '12h',
      '1d',
      '7d',
      '365d',
    ]) {
      expect(formatDuration(Duration.parse(written))).toBe(written);
    }
  });
});
