import { afterAll, expect } from 'vitest';
import { given } from './campaign.ts';
import { fuzzRedis } from './redis.suite.ts';

fuzzRedis('whole');

afterAll(() => {
  console.log(`${given.inputs} hostile inputs`);
  expect(given.inputs).toBeGreaterThanOrEqual(4000);
});
