/**
 * What the actors answer: one union per question, so that every answer is a transition somebody can name.
 * An expected refusal is an outcome; only what nobody can decide about rejects (see `failure.ts`).
 */
import { z } from 'zod';
import { ObservedLock, Version, VersionRecord, VersionRecords } from './protocol.ts';
import { FleetView } from './timing.ts';

const ms = z.number();

/** A lease was granted. `beliefLeftMs` is what is left, on arrival, of the window that began with the sending. */
const granted = z.object({ outcome: z.literal('granted'), epoch: z.number(), beliefLeftMs: ms });

export const AcquireOutcome = z.discriminatedUnion('outcome', [
  granted,
  z.object({ outcome: z.literal('held'), lock: ObservedLock }),
  /** Redis' data is younger than one grace: pods are still reporting what they have seen. */
  z.object({ outcome: z.literal('onHold'), waitMs: ms }),
]);
export type AcquireOutcome = z.infer<typeof AcquireOutcome>;

export const TakeOverOutcome = z.discriminatedUnion('outcome', [
  granted,
  /** Nobody holds the lock: acquire it the ordinary way. */
  z.object({ outcome: z.literal('free') }),
  /** Another holder, or another epoch, than the one that was observed. */
  z.object({ outcome: z.literal('changed'), lock: ObservedLock }),
  /** Its lock as it is now, so that its expiry is known to the millisecond although waiting begins anew. */
  z.object({ outcome: z.literal('present'), untilTurnMs: ms, lock: ObservedLock }),
  /** The holder is gone, but might still believe: come back in `waitMs`. */
  z.object({ outcome: z.literal('tooYoung'), waitMs: ms }),
  /** `PUBSUB` is forbidden or blind here: only expiry ends the lease. */
  z.object({ outcome: z.literal('presenceUnknown'), reason: z.string() }),
]);
export type TakeOverOutcome = z.infer<typeof TakeOverOutcome>;

export const RenewOutcome = z.discriminatedUnion('outcome', [
  z.object({ outcome: z.literal('renewed'), beliefLeftMs: ms }),
  z.object({ outcome: z.literal('lost') }),
]);
export type RenewOutcome = z.infer<typeof RenewOutcome>;

/** Whether this pod may hand its lease to another because its source calls fail. */
export const YieldOutcome = z.discriminatedUnion('outcome', [
  z.object({ outcome: z.literal('yielded') }),
  z.object({ outcome: z.literal('alone') }),
  z.object({ outcome: z.literal('tooSoon') }),
  z.object({ outcome: z.literal('notHolder') }),
]);
export type YieldOutcome = z.infer<typeof YieldOutcome>;

export const ClaimOutcome = z.discriminatedUnion('outcome', [
  z.object({ outcome: z.literal('granted'), permitId: z.string() }),
  z.object({ outcome: z.literal('notDue'), waitMs: ms }),
  z.object({ outcome: z.literal('overBudget'), waitMs: ms }),
  z.object({ outcome: z.literal('notHolder') }),
  /** The belief window is over: nothing was asked. */
  z.object({ outcome: z.literal('uncertain') }),
]);
export type ClaimOutcome = z.infer<typeof ClaimOutcome>;

export const CallOutcome = z.discriminatedUnion('outcome', [
  z.object({ outcome: z.literal('answered') }),
  /** Since this version, which the source was asked about: by now another one may be stored. */
  z.object({ outcome: z.literal('unchanged'), version: Version }),
  /** The permit or the belief ran out before the call began: nothing was called. */
  z.object({ outcome: z.literal('uncertain') }),
]);
export type CallOutcome = z.infer<typeof CallOutcome>;

export const ValidateOutcome = z.discriminatedUnion('outcome', [
  z.object({ outcome: z.literal('changed') }),
  /** Byte for byte what is published already, as this version. */
  z.object({ outcome: z.literal('unchanged'), version: Version }),
]);
export type ValidateOutcome = z.infer<typeof ValidateOutcome>;

export const PublishOutcome = z.discriminatedUnion('outcome', [
  z.object({ outcome: z.literal('published'), record: VersionRecord }),
  /** Redis holds another version than the one this leader built on: sync, then propose anew. */
  z.object({ outcome: z.literal('mismatch') }),
  z.object({ outcome: z.literal('notHolder') }),
  z.object({ outcome: z.literal('uncertain') }),
  /** Somebody has called the source since: what was kept for publishing is out of date. */
  z.object({ outcome: z.literal('outdated') }),
]);
export type PublishOutcome = z.infer<typeof PublishOutcome>;

export const ConfirmOutcome = z.discriminatedUnion('outcome', [
  z.object({ outcome: z.literal('confirmed'), record: VersionRecord }),
  z.object({ outcome: z.literal('mismatch') }),
  z.object({ outcome: z.literal('notHolder') }),
  z.object({ outcome: z.literal('uncertain') }),
]);
export type ConfirmOutcome = z.infer<typeof ConfirmOutcome>;

export const PollOutcome = z.object({
  /** Redis' clock when the script ran. */
  now: z.number(),
  generation: z.string(),
  records: VersionRecords,
  lock: ObservedLock.optional(),
  /** The highest epoch Redis knows of. */
  epoch: z.number(),
  fleet: FleetView,
  untilTurnMs: ms,
  /** Datasets of which Redis lacks what this pod holds. */
  wanted: z.array(z.string()),
});
export type PollOutcome = z.infer<typeof PollOutcome>;

/** What became of the datasets that a download, a check or a restore was about. */
export const VerifyOutcome = z.object({
  verified: VersionRecords,
  /** The schema refuses them: the last good revision stays, and this one isn't tried again. */
  rejected: z.record(z.string(), z.object({ record: VersionRecord, reason: z.string() })),
  /** Missing, or the checksum fails: whoever holds this version must restore it. */
  damaged: z.record(z.string(), z.object({ record: VersionRecord, reason: z.string() })),
});
export type VerifyOutcome = z.infer<typeof VerifyOutcome>;

/** What an actor answered; for guards and actions of its `onDone`, whose event carries it as `output`. */
export function outputOf<Output>(event: unknown): Output {
  return (event as { output: Output }).output;
}

/** The name of that answer. */
export function outcomeOf(event: unknown): string {
  return outputOf<{ outcome: string }>(event).outcome;
}
