/**
 * What can go wrong outside a machine, as the machines see it.
 *
 * An actor that fails rejects with an error that carries `kind` and `message`; {@link failureOf} reads it.
 * A kind decides the transition, the message tells a person what to do.
 */
import { z } from 'zod';

export const FailureKind = z.enum([
  /** No connection: refused, reset, not resolvable. */
  'unreachable',
  /** No answer in time on a live connection. The command may have run: unknown, not failed. */
  'timeout',
  /** Redis answers, but not to us or not like this: password, ACL, wrong type under a key, newer format. */
  'misconfigured',
  /** This server can't take writes now: READONLY, MASTERDOWN. */
  'refused',
  /** LOADING, CLUSTERDOWN, TRYAGAIN and their like: it passes. */
  'transient',
  /** OOM: reads, renewals and releases work, publishing doesn't. */
  'full',
  /** MISCONF: Redis can't save to disk and refuses writes. */
  'diskFailing',
  /** The source: no answer, an error status, something that isn't the dataset. */
  'sourceFailed',
  /** A bug, here or in a user's source; told, never swallowed. */
  'unexpected',
]);
export type FailureKind = z.infer<typeof FailureKind>;

export const Failure = z.object({
  kind: FailureKind,
  /** One sentence for a person; never holds a secret. */
  message: z.string(),
  /** The source asked not to be called again for so long. */
  retryAfterMs: z.number().nonnegative().optional(),
});
export type Failure = z.infer<typeof Failure>;

const longestMessage = 500;

/** Reads the failure off whatever an actor rejected with. */
export function failureOf(error: unknown): Failure {
  const candidate = error as { kind?: unknown; message?: unknown; retryAfterMs?: unknown } | null | undefined;
  const kind = FailureKind.safeParse(candidate?.kind);
  const message = typeof candidate?.message === 'string' ? candidate.message : String(error);
  // A user's source may have counted on a header that holds a date: what is no duration asks for nothing.
  const wait = candidate?.retryAfterMs;
  const retryAfterMs = typeof wait === 'number' && wait >= 0 ? wait : undefined;
  return {
    kind: kind.success ? kind.data : 'unexpected',
    message: message.slice(0, longestMessage),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  };
}

/** The failure that an event carries: a report of one, or an actor's error. */
export function failureIn(event: unknown): Failure {
  const { failure, error } = event as { failure?: Failure; error?: unknown };
  return failure ?? failureOf(error);
}

/** Redis can't be used at all: the pod goes to `degraded`, whatever its role. */
export function endsService({ kind }: Failure): boolean {
  return kind === 'unreachable' || kind === 'misconfigured' || kind === 'refused' || kind === 'transient';
}
