/**
 * Each promise as a fold over a trace: what must be remembered of the past, and what one more entry breaks. A whole
 * trace is judged by folding it (`invariants.ts`), a step of the model checker by folding on from where it came from.
 *
 * What is remembered is small plain data; all its points in time are under `at` names, so that it can grow older.
 */
import {
  type BeliefTerms,
  type Believers,
  noBelievers,
  noteBelief,
  settledRivals,
  withoutSettled,
} from './believers.ts';
import { overspendings } from './call-budget.ts';
import { type FleetEntry, type GuardedKey, isFleetwide, isLossOf } from './fleet-trace.ts';
import { compareVersions, type DatasetName, type PodId, type Version, versionOf } from './protocol.ts';
import { Timing } from './timing.ts';

export type Violation = Readonly<{ promise: string; at: number; sentence: string }>;

export type Expectations = Readonly<{
  budgets: Readonly<Record<DatasetName, { calls: number; perMs: number }>>;
  /** Redis lost its data somewhere in this run: epochs and permits may repeat once. A trace that says when
   * (`redis.wiped`) is judged more strictly. */
  lostData?: boolean;
  /** How far apart the clocks of the trace may be, in ms. Negative: the order of entries is exact. */
  toleranceMs?: number;
  /** How far calls may bunch, in ms: a permit is used within one belief window. Default: `toleranceMs`. */
  callToleranceMs?: number;
  /** Of the pods. Default: theirs. */
  beliefWindowMs?: number;
}>;

type Broken = Readonly<{ at: number; sentence: string }>;
type Ruling<Past> = Readonly<{ past: Past; broken: readonly Broken[] }>;
type Judge<Past> = Readonly<{
  before: Past;
  hear(past: Past, entry: FleetEntry, expectations: Expectations): Ruling<Past>;
  /** Nothing more happens at this moment. */
  settle?(past: Past, at: number, expectations: Expectations): Ruling<Past>;
}>;

const show = ({ revision, epoch, podId }: Version) => `revision ${revision} (epoch ${epoch}, ${podId})`;
const fine = <Past>(past: Past): Ruling<Past> => ({ past, broken: [] });

/** With these, what Redis remembers of epochs is lost. */
const epochKeys: readonly GuardedKey[] = ['lease', 'data_version'];

/** Losses that no entry has been later than, beyond the tolerance; whether this one is. */
function losses(lostAt: readonly number[], entry: FleetEntry, toleranceMs: number) {
  const isLoss = isLossOf(entry, epochKeys);
  const still = lostAt.filter((at) => entry.at <= at + toleranceMs);
  return { lostAt: isLoss ? [...still, entry.at] : still, isAnotherAge: still.length < lostAt.length };
}

type PastPublications = Readonly<{
  published: Readonly<Record<DatasetName, readonly Version[]>>;
  lostAt: readonly number[];
}>;

/** Promise 1: in the order of revisions, the epochs they were published under never fall, while Redis keeps them. */
const fenced: Judge<PastPublications> = {
  before: { published: {}, lostAt: [] },
  hear(past, entry, { lostData, toleranceMs = 0 }) {
    if (lostData) return fine(past);
    const { lostAt, isAnotherAge } = losses(past.lostAt, entry, toleranceMs);
    const published = isAnotherAge ? {} : past.published;
    if (entry.type === 'redis.holds') return { past: { published, lostAt }, broken: unfenced(entry) };
    if (entry.type !== 'revision.published') return fine({ published, lostAt });
    const { dataset, at } = entry;
    const version = versionOf(entry.record);
    const known = published[dataset] ?? [];
    const older = known.filter(({ revision }) => revision <= version.revision);
    const newer = known.filter(({ revision }) => revision > version.revision);
    const last = older.at(-1);
    const next = newer[0];
    const broken: Broken[] = [];
    const after = (late: Version, early: Version) =>
      broken.push({ at, sentence: `${dataset} ${show(late)} was published after ${show(early)}` });
    if (last && version.epoch < last.epoch) after(version, last);
    if (next && next.epoch < version.epoch) after(next, version);
    return { past: { published: { ...published, [dataset]: [...older, version, ...newer] }, lostAt }, broken };
  },
};

function unfenced({ dataset, record, publishedAfter = 0, at }: Extract<FleetEntry, { type: 'redis.holds' }>): Broken[] {
  if (record.epoch >= publishedAfter) return [];
  return [{ at, sentence: `Redis, which remembers epoch ${publishedAfter}, took ${dataset} ${show(record)}` }];
}

type PastGrants = Readonly<{
  /** As the pods tell it. */
  granted: readonly string[];
  /** As Redis tells it, where a harness looks: then the moments at which pods do so say nothing about the order. */
  grantedByRedis: readonly string[];
  highest: number;
  lostAt: readonly number[];
}>;

/** Promise 2: epochs grow with every lease while Redis keeps them, and one lease is granted once. */
const epochs: Judge<PastGrants> = {
  before: { granted: [], grantedByRedis: [], highest: 0, lostAt: [] },
  hear(past, entry, { lostData, toleranceMs = 0 }) {
    const isSeen = entry.type === 'redis.granted';
    // A harness knows whether Redis granted first or lost its data first.
    const { lostAt, isAnotherAge } = losses(past.lostAt, entry, isSeen ? -1 : toleranceMs);
    const now = { ...past, lostAt, highest: isAnotherAge ? 0 : past.highest };
    if (!isSeen && entry.type !== 'lease.granted') return fine(now);
    const { at, epoch } = entry;
    const lease = `${isSeen ? entry.holder : entry.podId}#${epoch}`;
    const { granted, grantedByRedis, highest } = now;
    const isOrdered = isSeen || grantedByRedis.length === 0;
    const isTooLow = isOrdered && !lostData && epoch <= highest;
    const isTwice = !isSeen && granted.includes(lease);
    const isMadeUp = !isOrdered && !grantedByRedis.includes(lease);
    const list = isSeen ? 'grantedByRedis' : 'granted';
    const sentence = isMadeUp ? `Redis never granted ${lease}` : `${lease} was granted after epoch ${highest}`;
    return {
      past: {
        ...now,
        ...(isOrdered && { highest: Math.max(highest, epoch) }),
        [list]: [...new Set([...now[list], lease])].sort(),
      },
      broken: isTooLow || isTwice || isMadeUp ? [{ at, sentence }] : [],
    };
  },
};

type PastVersions = Readonly<{
  /** In heaps by the end of a pod's id: one more entry copies a heap, not the fleet. */
  served: Readonly<Record<string, Readonly<Record<string, Version>>>>;
  contents: Readonly<Record<string, string>>;
}>;

/** Promise 3: versions never fall on any pod, and one version has one content everywhere. */
const versions: Judge<PastVersions> = {
  before: { served: {}, contents: {} },
  hear(past, entry) {
    if (entry.type !== 'revision.applied' && entry.type !== 'revision.published') return fine(past);
    const { dataset, record, podId, at } = entry;
    const broken: Broken[] = [];
    const name = `${dataset} ${show(record)}`;
    const content = past.contents[name] ?? record.sha256;
    if (content !== record.sha256) broken.push({ at, sentence: `${name} has two contents` });
    const contents = { ...past.contents, [name]: content };
    if (entry.type === 'revision.published') return { past: { ...past, contents }, broken };
    const [heap, place] = [podId.slice(-2), `${podId} ${dataset}`];
    const before = past.served[heap]?.[place];
    if (compareVersions(record, before) <= 0) {
      const sentence = `${podId} went from ${before ? show(before) : 'nothing'} of ${dataset} to ${show(record)}`;
      broken.push({ at, sentence });
    }
    const served = { ...past.served, [heap]: { ...past.served[heap], [place]: versionOf(record) } };
    return { past: { served, contents }, broken };
  },
};

type PastRefusals = Readonly<{ refused: readonly string[] }>;

/** Promise 4: no pod serves a version that it refused. (A damaged one may be restored, and served then.) */
const verified: Judge<PastRefusals> = {
  before: { refused: [] },
  hear(past, entry) {
    if (entry.type !== 'revision.rejected' && entry.type !== 'revision.applied') return fine(past);
    const { podId, dataset, record, at } = entry;
    const name = `${podId} ${dataset} ${show(record)}`;
    if (entry.type === 'revision.rejected') return fine({ refused: [...past.refused, name] });
    if (!past.refused.includes(name)) return fine(past);
    return { past, broken: [{ at, sentence: `${podId} serves ${dataset} ${show(record)}, which it refused` }] };
  },
};

type PastCalls = Readonly<{
  /** When each permit was given last: one asked for again, because no call had been made yet, is one call. */
  calls: Readonly<Record<DatasetName, readonly Readonly<{ permitId: string; at: number }>[]>>;
  lostAt: readonly number[];
}>;

/** Promise 5: source calls of the fleet never exceed the budget in any window; each loss of Redis' data allows one more,
 * until a pod that knows the last call reaches it. */
const budget: Judge<PastCalls> = {
  before: { calls: {}, lostAt: [] },
  hear(past, entry, expectations) {
    if (isLossOf(entry, ['schedule'])) return fine({ ...past, lostAt: [...past.lostAt, entry.at] });
    if (entry.type === 'calls.told') return fine({ ...past, lostAt: [] });
    // A harness that sees the source says whether the permit was used: one that came too late is not.
    if (entry.type !== 'source.called' || ('isMade' in entry && !entry.isMade)) return fine(past);
    const { dataset, permitId, at } = entry;
    const terms = expectations.budgets[dataset];
    if (!terms) return fine(past);
    const others = (past.calls[dataset] ?? []).filter((call) => call.permitId !== permitId);
    const calls = [...others, { permitId, at }].filter((call) => at - call.at < terms.perMs);
    const { toleranceMs = 0, callToleranceMs = Math.max(0, toleranceMs), lostData } = expectations;
    const spent = overspendings(
      calls.map((call) => call.at),
      { calls: terms.calls + Number(lostData ?? false), perMs: terms.perMs, losses: past.lostAt, callToleranceMs },
    );
    const broken = spent
      .filter((one) => one.at === at)
      .slice(-1)
      .map(({ made, withinMs, allowed }) => ({
        at,
        sentence: `${made} calls of ${dataset} within ${withinMs} ms, ${allowed} are allowed in ${terms.perMs} ms`,
      }));
    return { past: { calls: { ...past.calls, [dataset]: calls }, lostAt: past.lostAt }, broken };
  },
};

const beliefTerms = ({
  toleranceMs = 0,
  beliefWindowMs = Timing.parse({}).beliefWindowMs,
}: Expectations): BeliefTerms => ({
  toleranceMs,
  beliefWindowMs,
});

/** Promise 6: at most one pod believes that it leads. */
const oneLeader: Judge<Believers> = {
  before: noBelievers,
  hear(past, entry, expectations) {
    const terms = beliefTerms(expectations);
    // Of exactly ordered entries those of one step still have no order: whoever runs them says when it is over.
    const isOpen = terms.toleranceMs < 0;
    const { past: before, broken } = isOpen ? fine(past) : oneLeaderSettled(past, entry.at, terms);
    return { past: noteBelief(before, entry, terms), broken };
  },
  settle: (past, at, expectations) => oneLeaderSettled(past, at, beliefTerms(expectations)),
};

function oneLeaderSettled(past: Believers, at: number, terms: BeliefTerms): Ruling<Believers> {
  return {
    past: withoutSettled(past, at, terms),
    broken: settledRivals(past, at, terms).map((rivals) => ({
      at: rivals.at,
      sentence: `${rivals.podId} and ${rivals.other} both believe that they lead`,
    })),
  };
}

type PastDoubts = Readonly<{ uncertain: readonly PodId[] }>;

/** The lease's own rule: a pod begins no source call while its lease is unconfirmed. */
const confirmed: Judge<PastDoubts> = {
  before: { uncertain: [] },
  hear(past, entry) {
    if (isFleetwide(entry)) return fine(past);
    const { podId, type, at } = entry;
    const others = past.uncertain.filter((one) => one !== podId);
    if (type === 'lease.uncertain') return fine({ uncertain: [...others, podId].sort() });
    if (type === 'lease.confirmed' || type === 'lease.granted' || type === 'pod.crashed')
      return fine({ uncertain: others });
    if (type === 'belief.ended') return fine({ uncertain: others });
    if (type !== 'source.called' || others.length === past.uncertain.length) return fine(past);
    return {
      past,
      broken: [{ at, sentence: `${podId} calls the source of ${entry.dataset} while its lease is unconfirmed` }],
    };
  },
};

type PastHolding = Readonly<{ held: Readonly<Record<DatasetName, Version>> }>;

/** Promise 9, the half that a trace can show: while Redis keeps its data, the version that it holds never falls. */
const kept: Judge<PastHolding> = {
  before: { held: {} },
  hear(past, entry) {
    if (isLossOf(entry, ['data_version'])) return fine({ held: {} });
    if (entry.type !== 'redis.holds') return fine(past);
    const { dataset, record, at } = entry;
    const before = past.held[dataset];
    const held = { ...past.held, [dataset]: versionOf(record) };
    if (!before || compareVersions(record, before) >= 0) return fine({ held });
    return {
      past: { held },
      broken: [{ at, sentence: `Redis went from ${show(before)} of ${dataset} back to ${show(record)}` }],
    };
  },
};

export const judges = { fenced, epochs, versions, verified, budget, oneLeader, confirmed, kept } as const;
export type PromiseName = keyof typeof judges;
export const promiseNames = Object.keys(judges) as PromiseName[];

/** What the judges remember of a trace so far. */
export type Past = Readonly<{ [Name in PromiseName]: (typeof judges)[Name]['before'] }>;

export const noPast = Object.fromEntries(promiseNames.map((name) => [name, judges[name].before])) as unknown as Past;

type Judged = Readonly<{ past: Past; violations: readonly Violation[] }>;

function rule(past: Past, ruling: (name: PromiseName, judge: Judge<unknown>) => Ruling<unknown> | undefined): Judged {
  const next: Record<string, unknown> = { ...past };
  const violations: Violation[] = [];
  for (const promise of promiseNames) {
    const ruled = ruling(promise, judges[promise] as Judge<unknown>);
    if (!ruled) continue;
    next[promise] = ruled.past;
    violations.push(...ruled.broken.map((broken) => ({ promise, ...broken })));
  }
  return { past: next as Past, violations };
}

/** One entry more. */
export function hear(past: Past, entry: FleetEntry, expectations: Expectations): Judged {
  return rule(past, (name, judge) => judge.hear(past[name], entry, expectations));
}

/** Nothing more happens at this moment. */
export function settle(past: Past, at: number, expectations: Expectations): Judged {
  return rule(past, (name, judge) => judge.settle?.(past[name], at, expectations));
}
