import { afterAll, expect } from 'vitest';
import { given } from './campaign.ts';
import { fuzzSource } from './source.suite.ts';

fuzzSource('whole');

afterAll(() => {
  console.log(`${given.inputs} hostile inputs`);
  expect(given.inputs).toBeGreaterThanOrEqual(2000);
});
