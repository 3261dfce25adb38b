/** A chaos run: episodes of faults, each followed by healing and by what must hold then. */
import { setTimeout as sleep } from 'node:timers/promises';
import { overspendings } from '../../machines/index.ts';
import { pickerOf } from '../../src/testing/random.ts';
import { startCountingSource } from '../harness/counting-source.ts';
import { converge, expectNothingLost } from './convergence.ts';
import type { World } from './faults/fault.ts';
import { aimedFaults, randomFaults } from './faults/index.ts';
import { restoreRights } from './faults/redis.ts';
import { Fleet } from './fleet.ts';
import { Journal } from './journal.ts';
import { type Episode, type PlannedFault, Planner } from './plan.ts';
import { Reads } from './reads.ts';
import { RedisLab } from './redis-lab.ts';
import { callToleranceOf, drawSettings, type Settings } from './settings.ts';
import { Tally } from './tally.ts';

export type CampaignOptions = Readonly<{
  seed: number;
  pods: number;
  /** No episode begins after so long … */
  forMs: number;
  /** … or after so many. */
  episodes?: number;
  signal?: AbortSignal;
  tell: (line: string) => void;
}>;

export type Outcome = Readonly<{
  options: CampaignOptions;
  settings: Settings;
  journal: Journal;
  tally: Tally;
  reads: Readonly<{ count: number; degraded: number }>;
  callsAt: readonly number[];
  tookMs: number;
  isInterrupted: boolean;
}>;

type Tell = CampaignOptions['tell'];
type Settling = { what: string; isSourceLast: boolean };

const calmMs = 500;

export async function runCampaign(options: CampaignOptions): Promise<Outcome> {
  const startedAt = performance.now();
  const { signal = new AbortController().signal, tell } = options;
  const picker = pickerOf(options.seed);
  const settings = drawSettings(picker, options.pods);
  const journal = new Journal(settings);
  journal.on('finding', ({ promise, sentence }) => tell(`VIOLATION of ${promise}: ${sentence}`));
  const tally = new Tally();
  const [redis, source] = await Promise.all([RedisLab.start(), startCountingSource()]);
  const fleet = new Fleet(settings, journal, source);
  const world: World = { settings, journal, fleet, redis, source, signal };
  const reads = new Reads(fleet, journal);
  const planner = new Planner(picker, settings, { aimed: aimedFaults, random: randomFaults });
  const isOver = (episodes: number) =>
    signal.aborted || performance.now() - startedAt >= options.forMs || episodes >= (options.episodes ?? Infinity);
  try {
    await fleet.open(redis);
    await settle(world, tally, { what: 'the fleet has started', isSourceLast: false }, tell);
    for (let episodes = 0; !isOver(episodes); episodes++) await runEpisode(planner.next(), world, tally, tell);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    reads.end();
    judgeSoFar(world);
    await fleet.close();
    await Promise.all([redis.server.kill(), source.close()]);
  }
  return {
    ...{ options, settings, journal, tally, reads, callsAt: source.calls.map(({ at }) => at) },
    ...{ tookMs: performance.now() - startedAt, isInterrupted: signal.aborted },
  };
}

async function runEpisode(episode: Episode, world: World, tally: Tally, tell: Tell): Promise<void> {
  const names = episode.faults.map(({ fault, lastsMs }) => `${fault.kind} (${lastsMs} ms)`);
  tell(`${episode.number}: ${names.join(' + ')}`);
  world.journal.noteAct(names.join(' + '));
  const ended = await Promise.allSettled(episode.faults.map((planned) => runFault(planned, world, tally)));
  world.signal.throwIfAborted();
  for (const result of ended) if (result.status === 'rejected') throw result.reason;
  await settle(world, tally, { what: `${episode.number}`, isSourceLast: episode.isSourceLast }, tell);
}

async function runFault(planned: PlannedFault, world: World, tally: Tally): Promise<void> {
  const { fault, afterMs, lastsMs, seed } = planned;
  const { signal, journal } = world;
  if (afterMs > 0) await sleep(afterMs, undefined, { signal });
  const heal = await fault.inject(world, pickerOf(seed));
  tally.noteFault(fault.kind, heal !== undefined);
  journal.noteAct(`${heal ? 'fault' : 'no chance'}: ${fault.kind}`);
  if (!heal) return;
  if (lastsMs > 0) await sleep(lastsMs, undefined, { signal });
  await heal();
  journal.noteAct(`healed: ${fault.kind}`);
}

/** Everything heals; then nothing is lost, one leader, everyone on a new version, and no promise broken so far. */
async function settle(world: World, tally: Tally, { what, isSourceLast }: Settling, tell: Tell): Promise<void> {
  const { source, fleet } = world;
  healSource(world);
  if (isSourceLast) source.behave('broken');
  await healOthers(world);
  await expectNothingLost(world);
  tally.noteLook(isSourceLast);
  healSource(world);
  const tookMs = await converge(world);
  tally.noteConvergence(tookMs);
  judgeSoFar(world);
  for (const { pod } of fleet.slots) pod.forget();
  if (tookMs !== undefined) tell(`${what}: converged ${(tookMs / 1_000).toFixed(1)} s after it`);
  await sleep(calmMs, undefined, { signal: world.signal });
}

/** By the invariants, and the calls as the source counted them. */
function judgeSoFar({ journal, settings, source }: World): void {
  journal.judge();
  const callsAt = source.calls.map(({ at }) => at);
  const terms = { ...settings.budget, losses: journal.lossesOfCalls(), callToleranceMs: callToleranceOf(settings) };
  for (const { at, made, withinMs, allowed } of overspendings(callsAt, terms)) {
    const sentence = `the source counted ${made} calls within ${withinMs} ms, ${allowed} are allowed in ${terms.perMs} ms`;
    journal.violate({ promise: 'budget', at, sentence });
  }
}

function healSource({ source }: World): void {
  source.behave('fine');
  source.takeMs(0);
  source.brokenFor.clear();
}

/** Each fault heals itself; this is for what one spoiled while another healed. */
async function healOthers({ fleet, redis }: World): Promise<void> {
  if (!redis.server.isRunning) await redis.server.start();
  await redis.operate(async (operator) => {
    await operator.config('SET', 'maxmemory', '0');
    await restoreRights(operator);
  });
  for (const slot of fleet.slots) {
    slot.proxy.heal();
    fleet.resume(slot);
    fleet.start(slot);
  }
}
