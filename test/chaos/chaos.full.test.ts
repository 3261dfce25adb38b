/** Eight minutes of chaos with seven pods. Longer ones: `npm run chaos -- --minutes 35 --seed 2`. */
import { expect, test } from 'vitest';
import { runCampaign } from './campaign.ts';
import { moments } from './faults/moments.ts';
import { linesOf, reportOf } from './report.ts';

test('eight minutes of chaos break no promise', { timeout: 660_000 }, async () => {
  const outcome = await runCampaign({ seed: 8, pods: 7, forMs: 480_000, tell: (line) => console.log(line) });
  const report = reportOf(outcome);
  const lines = linesOf(report).join('\n');
  console.log(lines);
  expect(report.findings, lines).toEqual([]);
  for (const moment of moments) {
    expect(report.whileLeaderWas[moment], moment).toBeGreaterThan(1);
    expect(report.killedWhile[moment], moment).toBeGreaterThan(1);
  }
  expect(report.failovers).toBeGreaterThan(10);
});
