/** The simulated fleet as a user meets it. */
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import {
  converged,
  expectCoverage,
  leaderElected,
  runSwarm,
  simulateFleet,
  TransitionCoverage,
} from '../../src/testing/index.ts';
import { entryText } from '../../src/testing/trace-text.ts';

const datasets = { rates: { refreshInterval: '5m' } } as const;
const fleetOf = (pods: number, seed = 42) => simulateFleet({ pods, seed, datasets });

describe('a simulated fleet', () => {
  test('elects, fails over and converges, with the promises held (promises 6 and 7)', async () => {
    const fleet = await fleetOf(7);
    await fleet.until(leaderElected, { within: '3s' });
    const first = fleet.leader;
    await fleet.until(converged, { within: '2s' });
    first.crash();
    expect([first.state, first.isLeader(), fleet.leaders]).toEqual(['crashed', false, []]);
    await fleet.until(leaderElected, { within: '3s' });
    expect(fleet.leader).not.toBe(first);
    await fleet.advance('10m');
    fleet.expect.oneLeader();
    fleet.expect.converged('rates');
    fleet.expect.promises();
    expect(fleet.source.calls.map(({ dataset }) => dataset)).toEqual(['rates', 'rates', 'rates']);
  });

  test('has equal traces for equal seeds, byte for byte, and others for others', async () => {
    const history = async (seed: number) => {
      const fleet = await fleetOf(5, seed);
      await fleet.until(leaderElected);
      fleet.makeNoise({ drop: 0.05, duplicate: 0.05, reorder: 0.05, spike: 0.05, spikeMs: 900 });
      fleet.leader.pause();
      await fleet.advance('20s');
      fleet.redis.failover({ loses: '500ms', down: '1s' });
      await fleet.advance('10m');
      return JSON.stringify(fleet.trace);
    };
    const [first, again, other] = [await history(1), await history(1), await history(2)];
    expect(first.length).toBeGreaterThan(5_000);
    expect(again).toBe(first);
    expect(other).not.toBe(first);
  });

  test('runs the source and the schema that it is given, typed', async () => {
    let calls = 0;
    const source = async () => ({ rate: ++calls });
    const fleet = await simulateFleet({
      pods: 2,
      datasets: { fx: { schema: z.object({ rate: z.number() }), source, refreshInterval: '1m' } },
    });
    await fleet.until(converged);
    const rate: number = fleet.pod('pod-2').get('fx').rate;
    expect([rate, calls]).toEqual([1, 1]);
    fleet.source.fail({ times: 1, dataset: 'fx' });
    await fleet.advance('70s');
    expect(fleet.pod('pod-2').version('fx')).toMatchObject({ revision: 2, isValid: true });
    expect(fleet.trace.map(entryText).join('\n')).toContain('source.failed fx, sourceFailed: ');
  });

  test('a leader that wakes from a pause does not believe before it has handled an event (promise 6)', async () => {
    const fleet = await fleetOf(3);
    await fleet.until(converged);
    const { leader } = fleet;
    leader.pause();
    expect(leader.isLeader()).toBe(false);
    await fleet.advance('2s');
    leader.resume();
    expect([leader.isLeader(), leader.role()]).toEqual([false, 'leader']);
    await fleet.until(leaderElected, { within: '1s' });
    expect(fleet.leader).toBe(leader);
  });

  test('catches two leaders where a clock is slower than the protocol bears: isLeader() is asked all the time', async () => {
    const fleet = await fleetOf(3);
    await fleet.until(converged);
    const { leader } = fleet;
    leader.skewClock(0.3);
    await fleet.advance('5s');
    leader.cut();
    fleet.redis.hangUpOn(leader.id);
    await fleet.advance('10s');
    expect(() => fleet.expect.promises()).toThrow(/oneLeader: pod-\d and pod-\d both answer isLeader\(\) with true/);
  });

  test('a refresh that is asked for on a follower is made by the leader', async () => {
    const fleet = await fleetOf(3);
    await fleet.until(converged);
    // Within the first window a new fleet calls once.
    await fleet.advance('7m');
    const [follower] = fleet.followers;
    const result = follower?.refresh('rates');
    await fleet.advance('2s');
    await expect(result).resolves.toEqual({ outcome: 'published' });
  });

  test('a process that is started again is another pod', async () => {
    const fleet = await fleetOf(2);
    await fleet.until(converged);
    const pod = fleet.pod('pod-1');
    pod.restart();
    expect([pod.id, pod.state, pod.role()]).toEqual(['pod-1.2', 'running', 'starting']);
    await fleet.until(converged);
    fleet.expect.promises();
  });
});

describe('what nobody holds any more', () => {
  /** Every process is new, and Redis has lost the payload. */
  async function withNothingLeft() {
    const fleet = await fleetOf(2);
    await fleet.until(converged);
    fleet.redis.evict('rates_backup');
    for (const pod of fleet.pods) pod.restart();
    await fleet.until(leaderElected);
    await fleet.advance('30s');
    return fleet;
  }
  const isGone = 'the payload of rates in Redis is gone';

  test('is excused until the next source call is due, which brings it back', async () => {
    const fleet = await withNothingLeft();
    expect(fleet.expect.missing()).toContain(isGone);
    expect(fleet.expect.missingBesidesLost()).toEqual([]);
    await fleet.until(converged, { within: '5m' });
    fleet.expect.promises();
  });

  test('is excused no longer when that call does not come (promise 7)', async () => {
    const fleet = await withNothingLeft();
    fleet.redis.onNext('claim', () => fleet.redis.refuse('OOM'));
    await fleet.advance('4m');
    expect(fleet.expect.missingBesidesLost()).toEqual([]);
    await fleet.advance('1m');
    expect(fleet.expect.missingBesidesLost()).toContain(isGone);
  });
});

describe('what a fleet is told', () => {
  test('noise may name what it is about only, and ends when nothing is named', async () => {
    const fleet = await fleetOf(3);
    fleet.makeNoise({ drop: 0.5 });
    await fleet.advance('10s');
    const { dropped } = fleet.network.counts;
    fleet.makeNoise({});
    await fleet.advance('1m');
    expect(dropped).toBeGreaterThan(0);
    expect(fleet.network.counts.dropped).toBe(dropped);
    const told = fleet.trace.filter(({ type }) => type === 'fault.injected').map(entryText);
    expect(told.map((line) => line.replace(/^.*!\s+/, ''))).toEqual(['network.noise  drop 0.5', 'network.calm']);
  });

  test('a clock is set by a duration, forwards or backwards', async () => {
    const fleet = await fleetOf(1);
    const { clock } = fleet.pod('pod-1');
    const before = clock.now();
    fleet.pod('pod-1').stepClock('1h');
    expect(clock.now() - before).toBe(3_600_000);
    fleet.pod('pod-1').stepClock('-1h');
    fleet.pod('pod-1').stepClock(-250);
    expect(clock.now() - before).toBe(-250);
  });
});

describe('says in a sentence', () => {
  test.each([
    [() => simulateFleet({ pods: 0, datasets }), 'The options of simulateFleet() are wrong:\n  pods: '],
    [() => simulateFleet({ pods: 1, datasets: {} }), 'expected at least one dataset'],
    [() => simulateFleet({ pods: 1, datasets, fault: 1 } as never), 'fault: there is no such option'],
    [
      () => simulateFleet({ pods: 1, datasets: { rates: { refreshInterval: 'soon' } } }),
      'datasets.rates.refreshInterval',
    ],
    [async () => (await fleetOf(2)).pod('pod-3'), 'There is no pod "pod-3": this fleet has pod-1 to pod-2.'],
    [async () => (await fleetOf(2)).leader, 'No pod leads now: await fleet.until(leaderElected) first.'],
    [async () => (await fleetOf(2)).expect.oneLeader(), 'No pod leads.'],
    [async () => (await fleetOf(2)).expect.converged('terms'), 'There is no dataset "terms": this fleet has rates.'],
    [async () => (await fleetOf(2)).expect.converged(), 'The fleet has not converged:\n  no pod leads'],
    [async () => (await fleetOf(2)).pod('pod-1').resume(), 'pod-1 is running: resume() is for a pod that is paused.'],
    [async () => (await fleetOf(2)).cut('pod-1', 'pod-2'), 'pods talk to redis, and to nobody else'],
    [async () => (await fleetOf(2)).source.fail({ pod: 'pod-9' }), 'There is no pod "pod-9"'],
    [async () => (await fleetOf(2)).redis.evict('rates'), 'There is no key "rates"'],
    [async () => (await fleetOf(2)).redis.evict('moons_backup'), 'There is no dataset "moons": this fleet has rates.'],
    [async () => (await fleetOf(2)).redis.damage('moons_backup', ''), 'There is no dataset "moons"'],
    [async () => (await fleetOf(2)).redis.refuse('NOPE' as never), 'The options of refuse() are wrong'],
    [
      async () => (await fleetOf(2)).redis.loseLast('20m'),
      "Redis can't lose the last 20m: this fleet keeps the last 1m; give simulateFleet() history: '20m'.",
    ],
    [
      async () => (await simulateFleet({ pods: 1, datasets, history: 0 })).redis.failover(),
      "Redis can't lose the last 1s: this fleet keeps nothing",
    ],
    [async () => (await fleetOf(2)).advance('soon'), "expected a duration such as '5m'"],
    [async () => (await fleetOf(2)).until((async () => false) as never), 'this one returned a promise'],
    [async () => (await fleetOf(2)).until('converged' as never), 'until() takes a predicate'],
    [async () => (await fleetOf(2)).pod('pod-1').cut('sideways' as never), 'The options of cut() are wrong'],
    [async () => (await fleetOf(2)).pod('pod-1').stepClock('soon'), "expected a duration such as '5m'"],
    [async () => (await fleetOf(2)).pod('pod-1').stepClock(undefined as never), 'The options of stepClock() are wrong'],
    [async () => (await fleetOf(2)).redis.stepClock('later'), 'The options of stepClock() are wrong'],
    [async () => (await fleetOf(2)).pod('pod-1').skewClock('fast' as never), 'no clock runs at the rate fast'],
    [async () => (await fleetOf(2)).redis.skewClock(0), 'no clock runs at the rate 0'],
    [async () => (await fleetOf(2)).makeNoise({ dorp: 1 } as never), 'dorp: there is no such option'],
    [
      async () => (await fleetOf(2)).makeNoise({ drop: 'a lot' } as never),
      'The options of makeNoise() are wrong:\n  drop: ',
    ],
    [async () => (await fleetOf(2)).makeNoise(undefined as never), 'The options of makeNoise() are wrong'],
    [async () => (await fleetOf(2)).source.fail({ time: 1 } as never), 'time: there is no such option'],
    [
      async () => (await fleetOf(2)).source.slow('1s', { times: 'many' as never }),
      'The options of a source that is slow',
    ],
    [() => runSwarm({ seed: 1, pods: 2, durationMs: 1, among: ['meteor' as never] }), 'among.0: '],
    [
      () => runSwarm({ seed: 1, pods: 2, durationMs: '1h' as never }),
      'The options of runSwarm() are wrong:\n  durationMs: ',
    ],
    [async () => expectCoverage(new TransitionCoverage(), { state: 0.9 } as never), 'state: there is no such option'],
  ])('what is wrong: %#', async (run, sentence) => {
    await expect((async () => run())()).rejects.toThrow(sentence);
  });

  test('what was still going on when something did not come', async () => {
    const fleet = await fleetOf(3);
    fleet.redis.refuse('LOADING');
    const wait = fleet.until(leaderElected, { within: '10s' });
    await expect(wait).rejects.toThrow(
      /"leaderElected" did not come within 10s .*\nRedis: refusing \(LOADING\); no pod leads/,
    );
    await expect(wait).rejects.toThrow('pod-3: running, {"degraded":"disconnected"}');
  });
});
