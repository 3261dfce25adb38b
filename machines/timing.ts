/**
 * Durations and the relations between them that the promises rest on. Pure arithmetic, no clock.
 */
import { z } from 'zod';

const ms = z.number().int().positive();

/** The longest delay a timer takes: one millisecond more and Node fires it at once. */
export const longestDelayMs = 2 ** 31 - 1;

export const Timing = z
  .object({
    /** How long the lock lives without a renewal: the upper bound of any takeover. */
    leaseTtlMs: ms.default(120_000),
    /** Between two renewals; also the leader's heartbeat on the connection. */
    renewIntervalMs: ms.default(400),
    /** How long a holder trusts its lease, counted from the moment the last confirmed command was sent. */
    beliefWindowMs: ms.default(1_250),
    /** How old the lock must be (since its last renewal) before somebody else may take it over. */
    graceMs: ms.default(1_500),
    /** Time limit of one lease command. */
    leaseCommandLimitMs: ms.default(800),
    /** After so long without a confirmation the holder stops renewing, so that a leader that never hears ends. */
    uncertainLimitMs: ms.default(10_000),
    /** Mean time between two polls of a pod; each is drawn between 0.8 and 1.2 of it. */
    pollIntervalMs: ms.default(30_000),
    /** The fleet shares one takeover check in so long. */
    checkSlotMs: ms.default(750),
    /** Waiters act so far apart, in the order of their rank. */
    rankStepMs: ms.default(3),
    /** The first wait between two tries at something in Redis that failed. */
    retryBaseMs: ms.default(100),
    /** The longest such wait. */
    retryCapMs: ms.default(5_000),
    /** Wait after Redis refused us for a reason that only a person can mend. */
    misconfiguredRetryMs: ms.default(10_000),
    /** A stopping leader waits so long for a call or publication under way. */
    finishLimitMs: ms.default(10_000),
    /** No `Retry-After` is honoured for longer than this. */
    retryAfterCapMs: ms.default(3_600_000),
  })
  .superRefine((timing, context) => {
    for (const { holds, path, message } of relations(timing)) {
      if (!holds) context.addIssue({ code: 'custom', path: [path], message });
    }
  });
export type Timing = z.output<typeof Timing>;

type Durations = Record<
  'leaseTtlMs' | 'renewIntervalMs' | 'beliefWindowMs' | 'graceMs' | 'leaseCommandLimitMs' | 'uncertainLimitMs',
  number
>;

function relations(t: Durations) {
  return [
    {
      path: 'beliefWindowMs',
      holds: t.renewIntervalMs + t.leaseCommandLimitMs <= t.beliefWindowMs,
      message: `must be at least renewIntervalMs + leaseCommandLimitMs (${t.renewIntervalMs + t.leaseCommandLimitMs}), else one slow renewal ends the belief`,
    },
    {
      path: 'graceMs',
      holds: t.graceMs > t.beliefWindowMs,
      message: `must be longer than beliefWindowMs (${t.beliefWindowMs}), else two pods can believe that they lead`,
    },
    {
      path: 'leaseTtlMs',
      holds: t.leaseTtlMs >= 2 * t.graceMs,
      message: `must be at least twice graceMs (${2 * t.graceMs}), else the lock expires before a takeover is due`,
    },
    {
      path: 'uncertainLimitMs',
      holds: t.uncertainLimitMs >= t.beliefWindowMs,
      message: `must be at least beliefWindowMs (${t.beliefWindowMs})`,
    },
  ];
}

/** Keeps a delay within what a timer takes; what is not a number becomes 0. */
export function clampDelay(delayMs: number): number {
  return Number.isNaN(delayMs) ? 0 : Math.min(Math.max(0, Math.ceil(delayMs)), longestDelayMs);
}

/** A pod's place in the order in which waiters act and check; from its last poll. */
export const FleetView = z.object({
  /** Pods that polled lately, this one included. */
  size: z.number().int().nonnegative(),
  /** 0 for the pod that has been there longest. */
  rank: z.number().int().nonnegative(),
  /** The rank among the pods that don't hold the lease, and how many these are. */
  turn: z.number().int().nonnegative(),
  turns: z.number().int().nonnegative(),
});
export type FleetView = z.infer<typeof FleetView>;

/**
 * Time until this pod's next takeover check. The pods take turns on Redis' clock, one slot each, so that the
 * fleet makes one check a slot however large it is. Never less than a quarter of a slot: a reply that comes
 * back just before the turn it was for is that turn.
 */
export function untilNextTurn(redisNow: number, view: FleetView, slotMs: number): number {
  const turns = Math.max(1, view.turns);
  const cycle = turns * slotMs;
  const wait = ((view.turn % turns) * slotMs - (redisNow % cycle) + cycle) % cycle;
  return clampDelay(wait < slotMs / 4 ? wait + cycle : wait);
}
