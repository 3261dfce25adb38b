/**
 * Which pods believe that they lead, as a fold over a trace: two at once break promise 6.
 *
 * A pod tells when its belief begins and ends. One that is paused can't: while it is, it answers nobody; when it wakes,
 * it believes again only if the pause was shorter than its belief window, because `isLeader()` reads the clocks itself.
 * What `isLeader()` answers counts above all.
 */
import { type FleetEntry, isFleetwide } from './fleet-trace.ts';
import type { PodId } from './protocol.ts';

export type Rivals = Readonly<{ at: number; podId: PodId; other: PodId }>;
export type BeliefTerms = Readonly<{ toleranceMs: number; beliefWindowMs: number }>;

export type Believers = Readonly<{
  believers: readonly PodId[];
  paused: Readonly<Record<PodId, { at: number; believes: boolean }>>;
  /** Redis lost the lock and nothing else: it may be granted again before its holder's belief ends. */
  excusedUntil: number | null;
  /** Unless one of the two ends within the tolerance: clocks that differ a little may tell an end after the beginning
   * that it allowed, and within one moment nobody can tell the order of two pods. */
  doubted: readonly Rivals[];
}>;

export const noBelievers: Believers = { believers: [], paused: {}, excusedUntil: null, doubted: [] };

const begins = new Set<string>(['lease.granted', 'lease.confirmed']);
const ends = new Set<string>(['belief.ended', 'lease.uncertain', 'lease.ended', 'redis.down', 'pod.crashed']);

const isEnd = (entry: FleetEntry) => ends.has(entry.type) || (entry.type === 'pod.answered' && !entry.isLeader);

/** The doubts that time has settled. */
export function settledRivals({ doubted }: Believers, at: number, { toleranceMs }: BeliefTerms): Rivals[] {
  return doubted.filter((rivals) => at - rivals.at > toleranceMs);
}

export function withoutSettled(state: Believers, at: number, { toleranceMs }: BeliefTerms): Believers {
  return { ...state, doubted: state.doubted.filter((rivals) => at - rivals.at <= toleranceMs) };
}

export function noteBelief(state: Believers, entry: FleetEntry, terms: BeliefTerms): Believers {
  const now = excuseOver(state, entry.at);
  if (entry.type === 'redis.wiped') {
    if (entry.key !== 'leader_lock') return now;
    return { ...now, excusedUntil: entry.at + terms.beliefWindowMs + Math.max(0, terms.toleranceMs) };
  }
  if (isFleetwide(entry)) return now;
  const { podId, at, type } = entry;
  const pause = now.paused[podId];
  if (isEnd(entry)) {
    const ended = without(now, podId);
    if (!pause) return ended;
    if (type === 'pod.crashed') return { ...ended, paused: withoutKey(now.paused, podId) };
    return { ...ended, paused: { ...now.paused, [podId]: { ...pause, believes: false } } };
  }
  if (type === 'pod.paused') {
    return {
      ...without(now, podId),
      paused: { ...now.paused, [podId]: { at, believes: now.believers.includes(podId) } },
    };
  }
  if (type === 'pod.resumed') {
    const awake = { ...now, paused: withoutKey(now.paused, podId) };
    return pause?.believes && at - pause.at < terms.beliefWindowMs ? believing(awake, podId, at) : awake;
  }
  if (type === 'pod.answered') return believing(now, podId, at);
  if (!begins.has(type)) return now;
  // Told in the very moment in which it was paused.
  if (pause) return { ...now, paused: { ...now.paused, [podId]: { ...pause, believes: true } } };
  return believing(now, podId, at);
}

/** By the end of the excuse all but one have noticed. */
function excuseOver(state: Believers, at: number): Believers {
  if (state.excusedUntil === null || at <= state.excusedUntil) return state;
  const strict: Believers = { ...state, excusedUntil: null };
  return state.believers.reduce<Believers>((now, podId) => believing(now, podId, at), strict);
}

function believing(state: Believers, podId: PodId, at: number): Believers {
  const others = state.excusedUntil === null ? state.believers.filter((other) => other !== podId) : [];
  return {
    ...state,
    believers: state.believers.includes(podId) ? state.believers : [...state.believers, podId].sort(),
    doubted: [...state.doubted, ...others.map((other) => ({ at, podId, other }))],
  };
}

function without(state: Believers, podId: PodId): Believers {
  return {
    ...state,
    believers: state.believers.filter((other) => other !== podId),
    doubted: state.doubted.filter((rivals) => rivals.podId !== podId && rivals.other !== podId),
  };
}

function withoutKey<T>(record: Readonly<Record<string, T>>, key: string): Record<string, T> {
  const { [key]: _, ...rest } = record;
  return rest;
}
