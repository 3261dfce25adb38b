/**
 * A fleet of real pods in virtual time: the machines and actors of production on a simulated Redis, network and source,
 * all of it drawn from one seed.
 *
 * ```ts
 * const fleet = await simulateFleet({ pods: 70, seed: 42, datasets: { rates: { refreshInterval: '5m' } } });
 * await fleet.until(leaderElected);
 * fleet.leader.crash();
 * await fleet.advance('10m');
 * fleet.expect.promises();
 * ```
 *
 * Guarantee: equal options, seed and orders give equal traces, byte for byte. Nothing real is open: no socket, no timer.
 * Non-guarantee: that a defect which needs real sockets, real Redis or real processes shows here.
 */
import type { Timing } from '../../machines/index.ts';
import { Duration, formatDuration } from '../duration.ts';
import type { Schemas } from '../manager-options.ts';
import { parseOptions } from '../options.ts';
import { parsePodOptions, type ResolvedOptions } from '../pod-options.ts';
import { describeFleet, nameRange } from './describe-fleet.ts';
import { FleetExpectations } from './fleet-expectations.ts';
import { type FleetOptions, parseFleetOptions, podOptionsOf, type ResolvedFleetOptions } from './fleet-options.ts';
import { FleetTraceLog, type SimulationEntry } from './fleet-trace-log.ts';
import { FleetWatch } from './fleet-watch.ts';
import { launcher } from './launch.ts';
import { describeNoise, isCalm, Network, Noise } from './network.ts';
import { Passage } from './passage.ts';
import { startOfWallMs } from './pod-clock.ts';
import { answerOf } from './predicates.ts';
import { pickerOf } from './random.ts';
import { SimulatedPod } from './simulated-pod.ts';
import { keepaliveMs, SimulatedRedis } from './simulated-redis.ts';
import { SimulatedSource } from './simulated-source.ts';
import { settled, Timeline } from './timeline.ts';

type Predicate<S extends Schemas> = (fleet: SimulatedFleet<S>) => boolean;

const longestWaitMs = 600_000;

const never = () => false;

/** @throws BellwetherError `configuration`, naming every faulty option */
export async function simulateFleet<S extends Schemas>(options: FleetOptions<S>): Promise<SimulatedFleet<S>> {
  const fleet = new SimulatedFleet<S>(options);
  await settled();
  return fleet;
}

export class SimulatedFleet<S extends Schemas = Schemas> {
  readonly pods: readonly SimulatedPod<S>[];
  readonly redis: SimulatedRedis;
  readonly source: SimulatedSource;
  readonly network: Network;
  readonly timing: Timing;
  readonly expect: FleetExpectations;
  readonly watch: FleetWatch;
  readonly seed: number;
  readonly #timeline = new Timeline();
  readonly #log: FleetTraceLog;
  readonly #resolved: ResolvedOptions;
  readonly #passage = new Passage(this.#timeline, {
    afterStep: (owner) => this.watch.afterStep(owner),
    describe: () => this.describe(),
  });

  constructor(options: FleetOptions<S>) {
    const parsed: ResolvedFleetOptions = parseFleetOptions(options);
    const names = Object.keys(options.datasets);
    this.seed = parsed.seed;
    this.#resolved = parsePodOptions(podOptionsOf(options));
    this.timing = this.#resolved.timing;
    this.#log = new FleetTraceLog(() => this.wallMs());
    this.watch = new FleetWatch(names, () => this.wallMs());
    const timeline = this.#timeline;
    this.network = new Network(timeline, pickerOf(this.seed, 'network'), parsed.delay);
    this.redis = new SimulatedRedis(timeline, this.#resolved.namespace, parsed.history, {
      note: (fault, detail) => this.#log.noteFault(fault, undefined, detail),
      noteLoss: (what, key) => {
        this.#log.noteLoss(what, key);
        if (what === 'rolledBack' || key === 'leader_lock' || key === 'clock')
          this.watch.excuse(this.#longestBeliefMs());
      },
      noteGrant: (podId, epoch) => this.#log.noteGrant(podId, epoch),
      checkDataset: (name) => this.#checkDataset(name),
    });
    this.source = new SimulatedSource(timeline, pickerOf(this.seed, 'source'), {
      note: (fault, detail) => this.#log.noteFault(fault, undefined, detail),
      checkDataset: (name) => this.#checkDataset(name),
      checkPod: (name) => void this.pod(name),
      wallMs: () => this.wallMs(),
    });
    const launch = launcher<S>({ options, fleet: this, log: this.#log });
    this.pods = Array.from({ length: parsed.pods }, (_, i) => this.#place(`pod-${i + 1}`, launch));
    this.expect = new FleetExpectations({
      pods: this.pods as readonly SimulatedPod[],
      redis: this.redis,
      watch: this.watch,
      log: this.#log,
      source: this.source,
      timing: this.timing,
      budgets: Object.fromEntries([...this.#resolved.datasets].map(([name, { plan }]) => [name, plan.budget])),
      wallMs: () => this.wallMs(),
      checkDataset: (name) => this.#checkDataset(name),
    });
    for (const [i, pod] of this.pods.entries()) {
      if (i === 0 || parsed.startApart === 0) pod.start();
      else timeline.after(i * parsed.startApart, () => pod.state === 'stopped' && pod.start(), 'a pod starts');
    }
  }

  /** True time: what every clock would show that is right. ms since 1970. */
  wallMs(): number {
    return startOfWallMs + Math.floor(this.#timeline.nowMs);
  }

  /** Since the beginning, in ms. */
  get elapsedMs(): number {
    return this.#timeline.nowMs;
  }

  /** What happened: the entries that production emits, at their true time, and the faults. */
  get trace(): readonly SimulationEntry[] {
    return this.#log.entries;
  }

  /** Pods that answer `isLeader()` with true. */
  get leaders(): SimulatedPod<S>[] {
    return this.pods.filter((pod) => pod.isLeader());
  }

  /** @throws Error when no pod leads, or two do */
  get leader(): SimulatedPod<S> {
    const [leader, ...others] = this.leaders;
    if (leader && others.length === 0) return leader;
    const who = leader ? `${[leader, ...others].map(({ id }) => id).join(' and ')} lead` : 'No pod leads';
    throw new Error(`${who} now: await fleet.until(leaderElected) first.`);
  }

  get followers(): SimulatedPod<S>[] {
    return this.pods.filter((pod) => pod.isAwake && pod.role() === 'follower');
  }

  /** @throws Error that says which pods there are */
  pod(name: string): SimulatedPod<S> {
    const pod = this.pods.find((candidate) => candidate.name === name);
    if (pod) return pod;
    throw new Error(`There is no pod "${name}": this fleet has ${nameRange(this.pods)}.`);
  }

  /** One way: messages from there to there wait until it is healed. Ends are `redis` and names of pods. */
  cut(from: string, to: string): void {
    const name = this.#endpoint(from, to);
    if (!this.network.cut(from, to)) return;
    this.#log.noteFault('network.cut', name, `${from} to ${to}`);
    // Redis closes what doesn't answer for so long.
    this.network.afterCut(from, to, keepaliveMs, () => this.redis.hangUpOn(this.pod(name).id));
  }

  heal(from: string, to: string): void {
    const name = this.#endpoint(from, to);
    if (this.network.heal(from, to)) this.#log.noteFault('network.heal', name, `${from} to ${to}`);
  }

  /**
   * Loses, doubles, swaps and delays messages, harsher than TCP; what is left out is 0, so `makeNoise({})` ends it.
   *
   * @throws BellwetherError `configuration`
   */
  makeNoise(noise: Noise): void {
    const full = parseOptions('makeNoise()', Noise, noise);
    if (isCalm(full)) this.#log.noteFault('network.calm');
    else this.#log.noteFault('network.noise', undefined, describeNoise(noise));
    this.network.noise = full;
  }

  get datasets(): readonly string[] {
    return [...this.#resolved.datasets.keys()];
  }

  /** How often each fault was injected. */
  faultCounts(): Record<string, number> {
    return Object.fromEntries(this.#log.faults);
  }

  /** Lets time pass until so long after the beginning. */
  async advanceTo(elapsedMs: number): Promise<void> {
    await this.#passage.until(Math.max(this.elapsedMs, elapsedMs), never);
  }

  /** Lets time pass. */
  async advance(duration: Duration): Promise<void> {
    await this.#passage.until(this.elapsedMs + parseOptions('advance()', Duration, duration), never);
  }

  /**
   * Lets time pass until something is so.
   *
   * @throws Error that says what was still going on, when it isn't so in time (default: 10 minutes)
   */
  async until(predicate: Predicate<S>, { within = '10m' }: { within?: Duration } = {}): Promise<void> {
    const limitMs = parseOptions('until()', Duration, within);
    if (await this.#passage.until(this.elapsedMs + limitMs, () => answerOf(predicate, this))) return;
    const what = predicate.name ? `"${predicate.name}"` : 'what was waited for';
    throw new Error(`${what} did not come within ${formatDuration(limitMs)} of virtual time.\n${this.describe()}`);
  }

  /**
   * Lets time pass until a promise of this fleet settles: `await fleet.outcome(pod.refresh('rates'))`.
   *
   * @throws what it rejects with; Error that says what was still going on, when it is pending after 10 minutes
   */
  async outcome<T>(promise: Promise<T>): Promise<T> {
    if (await this.#passage.whilePending(promise, longestWaitMs)) return promise;
    const sentence = `It was still pending after ${formatDuration(longestWaitMs)} of virtual time.`;
    throw new Error(`${sentence}\n${this.describe()}`);
  }

  /** Where everybody is, for a person. */
  describe(): string {
    return describeFleet(this, this.expect.missing(), this.#timeline);
  }

  #place(name: string, launch: ReturnType<typeof launcher<S>>): SimulatedPod<S> {
    return new SimulatedPod<S>(name, {
      timeline: this.#timeline,
      launch,
      note: (fault, pod, detail) => this.#log.noteFault(fault, pod.name, detail, pod.id),
      cut: (from, to) => this.cut(from, to),
      heal: (from, to) => this.heal(from, to),
      ask: (pod) => this.watch.afterStep(pod),
      report: (_, sentence) => this.watch.report('serving', sentence),
    });
  }

  /** The pod at the other end of a way that begins or ends at Redis. */
  #endpoint(from: string, to: string): string {
    if ((from === 'redis') === (to === 'redis'))
      throw new Error(`There is no way from "${from}" to "${to}": pods talk to redis, and to nobody else.`);
    return this.pod(from === 'redis' ? to : from).name;
  }

  #checkDataset(name: string): void {
    const names = [...this.#resolved.datasets.keys()];
    if (!names.includes(name)) throw new Error(`There is no dataset "${name}": this fleet has ${names.join(', ')}.`);
  }

  /** In true time: on the slowest clock a belief lasts longest. */
  #longestBeliefMs(): number {
    return this.timing.beliefWindowMs / Math.min(1, ...this.pods.map(({ rate }) => rate));
  }
}
