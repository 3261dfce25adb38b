/** The gate of `npm run simulate -- --gate`: what closes it, and that it does close. */
import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { machines } from '../../src/testing/coverage-report.ts';
import { TransitionCoverage } from '../../src/testing/index.ts';
import { transitionNames } from '../../src/testing/transitions.ts';
import { coverOtherwise } from './cover-otherwise.ts';
import { judgeCoverage, mustBeCovered } from './coverage-gate.ts';
import { notCovered } from './not-covered.ts';

const all = mustBeCovered();
const listed = Object.keys(notCovered);

/** All but these. */
function coverageWithout(...names: string[]): TransitionCoverage {
  const coverage = new TransitionCoverage();
  const isCovered = (name: string) => !names.includes(name);
  coverage.add({ states: all.states.filter(isCovered), transitions: all.transitions.filter(isCovered) });
  return coverage;
}

describe('the gate of the coverage', () => {
  test('is open when all is covered but what is listed, and says why that is not', () => {
    const { lines, isOpen } = judgeCoverage(coverageWithout(...listed));
    expect(isOpen).toBe(true);
    expect(lines.slice(0, -1)).toEqual(listed.map((name) => `not covered, because ${notCovered[name]}: ${name}`));
    const count = all.states.length + all.transitions.length;
    expect(lines.at(-1)).toBe(
      `${count - listed.length} of ${count} states and failover transitions are covered, each other one has a reason`,
    );
  });

  test.each([
    ['a state', 'pod.online.follower.ripening'],
    ['a failover transition', 'lease.believed.held:time.jumped:0 -> lease.uncertain'],
  ])('is closed when %s is missing, and names it', (_what, name) => {
    const known = name.includes(':') ? all.transitions.find((one) => one.includes('time.jumped')) : name;
    const { lines, isOpen } = judgeCoverage(coverageWithout(...listed, known as string));
    expect(isOpen).toBe(false);
    expect(lines).toContain(`NOT COVERED  ${known}`);
  });

  test('is closed when something is listed that is covered: its reason is wrong', () => {
    const [first, ...others] = listed;
    const { lines, isOpen } = judgeCoverage(coverageWithout(...others));
    expect(isOpen).toBe(false);
    expect(lines).toContain(`COVERED  ${first}: strike it off test/simulation/not-covered.ts`);
  });

  test('is closed when something is listed that no machine has', () => {
    const { lines, isOpen } = judgeCoverage(coverageWithout(), { 'pod.sleeping': 'it is tired' });
    expect(isOpen).toBe(false);
    expect(lines[0]).toMatch(/^UNKNOWN {2}pod\.sleeping: no machine has it/);
  });

  test('a transition without a description need not be covered', () => {
    expect(all.transitions).not.toContain('sync.idle:after.pollInterval:0 -> sync.checking');
    expect(all.transitions.length).toBeGreaterThan(100);
  });
});

test('the histories beside the swarm take what they are there for', async () => {
  const coverage = new TransitionCoverage();
  await coverOtherwise(coverage);
  const never = [...machines.flatMap((machine) => coverage.transitionsNeverTaken(machine))];
  const meant = [
    'pod.starting:always:0 -> pod.standalone',
    'pod.starting:pod.stop:0 -> pod.stopped',
    'pod:error.connection:0 -> pod.degraded',
    'pod:sync.rejected:0 -> itself',
    'pod.online.leader.yielding:announcement.acquired:0 -> itself',
    'pod.online.leader.yielding:done.yieldLease:2 -> pod.online.follower',
    'pod.online.leader.handingOver:pod.stop:0 -> pod.online.leader.finishing',
    'pod.online.leader.offering:announcement.stepdown:0 -> itself',
    'pod.online.leader.offering:announcement.acquired:0 -> itself',
    'pod.online.leader.offering:done.offerLease:2 -> pod.online.follower',
  ];
  const known = machines.flatMap(transitionNames);
  expect(meant.filter((name) => never.includes(name) || !known.includes(name))).toEqual([]);
});

test('one quiet minute covers too little: the command fails and says what is missing', { timeout: 120_000 }, () => {
  const args = ['--import', 'tsx', 'test/simulation/main.ts', '--seeds', '1', '--hours', '0.01', '--gate'];
  const { status, stdout } = spawnSync(process.execPath, [...args, '--only', 'pod.stepClock'], { encoding: 'utf8' });
  expect(status).toBe(1);
  expect(stdout).toContain('violations: none');
  expect(stdout).toContain('NOT COVERED  pod.degraded.refused\n');
  expect(stdout).not.toContain('NOT COVERED  pod.standalone\n');
});
