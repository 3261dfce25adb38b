import { afterAll, expect } from 'vitest';
import { given } from './campaign.ts';
import { fuzzSettings } from './settings.suite.ts';

fuzzSettings('short');

afterAll(() => {
  console.log(`${given.inputs} hostile inputs`);
  expect(given.inputs).toBeGreaterThanOrEqual(600);
});
