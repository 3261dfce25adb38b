/**
 * What a pod remembers between its actors (`PodMemory`) as plain data, and back: so that the real actors run on any
 * state of the model. Points in time are ages in ticks; what is too old to make a difference is left out.
 */
import { compareVersions, type DatasetName, type Version, type VersionRecord } from '../../../machines/index.ts';
import { Belief, type Moment } from '../../belief.ts';
import type { Answer, PodMemory, Result } from '../../pod-memory.ts';
import { PodMemory as FreshMemory } from '../../pod-memory.ts';
import type { Clock } from '../../ports.ts';
import type { Revision } from '../../reader.ts';
import { ageInTicks, tickMs } from './durations.ts';
import { remembered } from './intern.ts';

type KeptResult = Readonly<{ result: Result; proposal: Version | undefined }>;

export type MemoryState = Readonly<{
  /** Numbers and flags. */
  scalars: Readonly<Record<string, number | boolean>>;
  beliefAge?: number;
  suspendedAge?: number;
  callAges: readonly number[];
  stored?: VersionRecord;
  proposed?: number;
  permit?: Readonly<{ permitId: string; age: number }>;
  spentPermit?: string;
  answer?: Answer;
  unpublished?: KeptResult;
  published?: KeptResult;
  staged?: Readonly<{ record: VersionRecord; payload: Buffer | undefined }>;
  served?: Revision;
}>;

export const nothingRemembered: MemoryState = { scalars: {}, callAges: [] };

/** In ticks: from here on an age makes no difference. */
export type Limits = Readonly<{ beliefWindow: number; interval: number }>;

/** A belief that shows what it was told last. */
class OpenBelief extends Belief {
  since: number | undefined;
  suspendedAt: number | undefined;
  readonly #clock: Clock;

  constructor(clock: Clock) {
    super(clock);
    this.#clock = clock;
  }

  override confirm(sentAt: Moment, windowMs: number): number {
    this.since = sentAt.monotonicMs;
    return super.confirm(sentAt, windowMs);
  }

  override end(): void {
    this.since = undefined;
    super.end();
  }

  override suspend(): void {
    this.suspendedAt = this.#clock.monotonic();
    super.suspend();
  }

  override resume(): void {
    this.suspendedAt = undefined;
    super.resume();
  }
}

export class MemoryCodec {
  readonly #dataset: DatasetName;
  readonly #limits: Limits;
  /** Actors compare and mend results in place, so one result is one object. */
  readonly #results = new Map<string, Result>();

  constructor(dataset: DatasetName, limits: Limits) {
    this.#dataset = dataset;
    this.#limits = limits;
  }

  /** Makes the memory what the state says, at this moment of its clock. */
  load(memory: PodMemory, state: MemoryState, clock: Clock): void {
    const dataset = this.#dataset;
    const now = clock.monotonic();
    Object.assign(
      memory,
      new FreshMemory(clock, 'model'),
      { belief: this.#beliefOf(state, now, clock) },
      state.scalars,
    );
    memory.calls.note(
      dataset,
      state.callAges.map((age) => age * tickMs),
    );
    // Within a tick nothing tells one call from another.
    memory.calls.noteAsOf(dataset, now);
    if (state.stored) memory.stored.set(dataset, state.stored);
    if (state.proposed !== undefined) memory.proposed.set(dataset, state.proposed);
    if (state.spentPermit !== undefined) memory.spentPermits.set(dataset, state.spentPermit);
    if (state.answer) memory.answers.set(dataset, state.answer);
    if (state.staged) memory.staged.set(dataset, state.staged);
    if (state.served) memory.reader.serve(dataset, state.served);
    if (state.unpublished) memory.unpublished.set(dataset, this.#resultOf(state.unpublished));
    if (state.published) memory.published.set(dataset, this.#resultOf(state.published));
    if (state.permit) {
      const at = now - state.permit.age * tickMs;
      memory.permits.set(dataset, { permitId: state.permit.permitId, sentAt: { wallMs: at, monotonicMs: at } });
    }
  }

  /** The other way round. */
  dump(memory: PodMemory, now: number): MemoryState {
    const dataset = this.#dataset;
    const { beliefWindow, interval } = this.#limits;
    const belief = memory.belief as OpenBelief;
    const beliefAge = belief.since === undefined ? beliefWindow : ageInTicks(belief.since, now, beliefWindow);
    const permit = memory.permits.get(dataset);
    const staged = memory.staged.get(dataset);
    const served = memory.reader.get(dataset);
    const isStagedOfUse = staged && compareVersions(staged.record, served?.record) > 0;
    const ages = memory.calls.agesMs(dataset).map((ageMs) => Math.round(ageMs / tickMs));
    return withoutHoles({
      scalars: scalarsOf(memory),
      beliefAge: beliefAge < beliefWindow ? beliefAge : undefined,
      suspendedAge: belief.suspendedAt === undefined ? undefined : ageInTicks(belief.suspendedAt, now, beliefWindow),
      callAges: ages.filter((age) => age < interval),
      stored: memory.stored.get(dataset),
      proposed: memory.proposed.get(dataset),
      permit: permit && {
        permitId: permit.permitId,
        age: ageInTicks(permit.sentAt.monotonicMs, now, beliefWindow),
      },
      spentPermit: memory.spentPermits.get(dataset),
      answer: memory.answers.get(dataset),
      unpublished: kept(memory.unpublished.get(dataset)),
      published: kept(memory.published.get(dataset)),
      staged: isStagedOfUse ? staged : undefined,
      served,
    });
  }

  /** One tick later. */
  age(state: MemoryState): MemoryState {
    const { beliefWindow, interval } = this.#limits;
    const older = (age: number | undefined) => (age === undefined ? undefined : Math.min(age + 1, beliefWindow));
    const beliefAge = older(state.beliefAge);
    return withoutHoles({
      ...state,
      beliefAge: beliefAge === beliefWindow ? undefined : beliefAge,
      suspendedAge: older(state.suspendedAge),
      callAges: state.callAges.map((age) => age + 1).filter((age) => age < interval),
      permit: state.permit && { ...state.permit, age: Math.min(state.permit.age + 1, beliefWindow) },
    });
  }

  #beliefOf({ beliefAge, suspendedAge }: MemoryState, now: number, clock: Clock): OpenBelief {
    const moment = { at: now };
    const belief = new OpenBelief({
      ...clock,
      now: () => moment.at + clock.now() - now,
      monotonic: () => moment.at + clock.monotonic() - now,
    });
    if (beliefAge !== undefined) {
      const at = now - beliefAge * tickMs;
      belief.confirm({ wallMs: at, monotonicMs: at }, this.#limits.beliefWindow * tickMs);
    }
    if (suspendedAge !== undefined) {
      moment.at = now - suspendedAge * tickMs;
      belief.suspend();
      moment.at = now;
    }
    return belief;
  }

  #resultOf({ result, proposal }: KeptResult): Result {
    const key = `${result.sha256} ${result.permitId}`;
    const one = this.#results.get(key) ?? result;
    this.#results.set(key, one);
    if (proposal) one.proposal = proposal;
    else delete one.proposal;
    return one;
  }
}

/** A copy: the result itself is changed by whoever proposes it. */
function kept(result: Result | undefined): KeptResult | undefined {
  if (!result) return undefined;
  const { proposal, ...rest } = result;
  return { result: rest, proposal };
}

function scalarsOf(memory: PodMemory): Record<string, number | boolean> {
  return Object.fromEntries(
    Object.entries(memory).filter(([, value]) => typeof value === 'number' || typeof value === 'boolean'),
  ) as Record<string, number | boolean>;
}

function withoutHoles(state: { [K in keyof MemoryState]: MemoryState[K] | undefined }): MemoryState {
  return Object.fromEntries(Object.entries(state).filter(([, value]) => value !== undefined)) as MemoryState;
}

const recordText = remembered(
  ({ revision, epoch, podId, sha256, isSuspect }: VersionRecord) =>
    `${revision}.${epoch}.${podId}.${sha256}${isSuspect ? '!' : ''}`,
);

const keptText = ({ result, proposal }: KeptResult) =>
  `${result.sha256} ${result.permitId} ${proposal ? `${proposal.revision}.${proposal.epoch}.${proposal.podId}` : ''}`;

/** Equal for states that are equal; a payload is named by its checksum. */
export const memoryText = remembered((state: MemoryState): string => {
  const { stored, answer, unpublished, published, staged, served, ...plain } = state;
  return [
    JSON.stringify(plain),
    stored && recordText(stored),
    answer && `${answer.permitId} ${JSON.stringify(answer.raw)}`,
    unpublished && keptText(unpublished),
    published && keptText(published),
    staged && `${recordText(staged.record)} ${staged.payload?.toString()}`,
    served && recordText(served.record),
  ].join('|');
});

/** Whether a tick leaves it as it is. */
export function isAgeless({ beliefAge, suspendedAge, callAges, permit }: MemoryState, beliefWindow: number): boolean {
  if (beliefAge !== undefined || callAges.length > 0) return false;
  return (suspendedAge ?? beliefWindow) === beliefWindow && (permit?.age ?? beliefWindow) === beliefWindow;
}
