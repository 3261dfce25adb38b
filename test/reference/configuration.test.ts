/** docs/configuration.md says what the schemas check, all of it, and nothing of the machine it was written on. */
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { Duration } from '../../src/duration.ts';
import { configurationPage, configurationSections, referenceFile } from './configuration.ts';
import { membersOf } from './doc-comments.ts';
import { factsOf } from './schema-facts.ts';

test('is as the schemas and their doc comments are now', () => {
  expect(readFileSync(referenceFile, 'utf8'), 'run `npm run reference`').toBe(configurationPage());
});

test.each(configurationSections())('$title: every row has a type and a meaning', ({ rows }) => {
  expect(rows.length).toBeGreaterThan(0);
  expect(rows.filter(({ type, meaning }) => type === '' || meaning === '')).toEqual([]);
  expect(rows.map(({ default: value }) => value)).not.toContain(`\`${hostname()}\``);
});

test('a schema tells type, unit, default, and whether it may be left out', () => {
  expect(factsOf(Duration)).toEqual({ type: 'duration', unit: 'ms', isRequired: true, default: undefined });
  expect(factsOf(Duration.default(300_000))).toMatchObject({ isRequired: false, default: '`5m`' });
  expect(factsOf(z.number().default(1_250), 'ms')).toMatchObject({ unit: 'ms', default: '`1250ms`' });
  expect(factsOf(z.preprocess((value) => value, Duration.optional()))).toMatchObject({ type: 'duration', unit: 'ms' });
  expect(
    factsOf(
      z
        .number()
        .meta({ unit: 'bytes' })
        .default(2 ** 24),
    ),
  ).toMatchObject({ default: '16 MiB' });
  expect(factsOf(z.enum(['wait', 'fail']))).toMatchObject({ type: '`wait`, `fail`' });
  expect(factsOf(z.custom<() => void>()).type).toBeUndefined();
});

test('a declaration tells meaning and type of its members', () => {
  const members = membersOf('src/pod-options.ts', 'PodOptions');
  expect(members.get('mode')).toEqual({
    doc: '`standalone`: refresh for this pod alone, ask nobody.',
    typeText: "'distributed' | 'standalone'",
  });
  expect(() => membersOf('src/pod-options.ts', 'NoOptions')).toThrow(/^src\/pod-options.ts has no NoOptions/);
});
