import { afterAll, expect } from 'vitest';
import { given } from './campaign.ts';
import { fuzzSource } from './source.suite.ts';

fuzzSource('short');

afterAll(() => {
  console.log(`${given.inputs} hostile inputs`);
  expect(given.inputs).toBeGreaterThanOrEqual(80);
});
