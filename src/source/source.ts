/**
 * A source: where a dataset comes from. One call is one attempt; retrying, pacing and the fleet's budget belong to the
 * refresh machine, which calls a source only with a permit.
 *
 * A source promises to end soon after `signal` is aborted. It doesn't promise that its answer is well formed: the
 * dataset's schema decides about that, and a bad answer never replaces a good revision.
 */
import type { Validators } from '../../machines/index.ts';

/** Shared data that nobody may change. Sources and readers get JSON, so objects and arrays are all there is. */
export type DeepReadonly<T> = T extends (...args: never[]) => unknown
  ? T
  : T extends object
    ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> }
    : T;

export type SourceCall<T> = Readonly<{
  /** Aborted when the pod stops or loses its lease: end at once, nobody waits for the answer. */
  signal: AbortSignal;
  /** The name under which the dataset is configured. */
  dataset: string;
  /** The current revision, to ask for what is newer; undefined before the first. */
  previous: Readonly<{ data: DeepReadonly<T>; revision: number; validators?: Validators }> | undefined;
}>;

/**
 * Resolves to the raw dataset (a JSON-able value), to a {@link SourceAnswer}, or to {@link UNCHANGED}.
 * Whatever it throws counts as a failed call; throw a {@link SourceError} to say when to come back.
 */
export type Source<T> = (call: SourceCall<T>) => Promise<unknown>;

/** The dataset has not changed since `previous`: `checkedAt` moves on, no new revision is published. */
export const UNCHANGED: unique symbol = Symbol.for('bellwether.unchanged');

/** A dataset together with what the next call should send back as its conditions. */
export class SourceAnswer {
  readonly data: unknown;
  readonly validators: Validators;

  constructor(data: unknown, validators: Validators = {}) {
    this.data = data;
    this.validators = validators;
  }
}

/** Stable: programs and alerts may rely on them. */
export type SourceErrorCode =
  /** No complete answer within the time limit. */
  | 'timeout'
  /** No connection, or it broke before an answer began. */
  | 'unreachable'
  /** Something answers that doesn't speak HTTP. */
  | 'badProtocol'
  | 'badStatus'
  /** Redirected too often, to another protocol, or to nowhere. */
  | 'badRedirect'
  | 'badContentType'
  | 'tooLarge'
  /** The connection broke in mid-answer, or the answer can't be decompressed. */
  | 'brokenBody'
  | 'empty'
  | 'badJson'
  /** JSON, but not this dataset: its schema refuses it. */
  | 'wrongShape'
  /** The caller's own signal ended the call. */
  | 'aborted';

/** A failed source call. `message` is one sentence for a person: what happened and what to do; never a secret. */
export class SourceError extends Error {
  override readonly name = 'SourceError';
  /** What the machines go by; see machines/failure.ts. */
  readonly kind = 'sourceFailed';
  readonly code: SourceErrorCode;
  /** The source asked not to be called again for so long. */
  readonly retryAfterMs: number | undefined;

  constructor(
    code: SourceErrorCode,
    message: string,
    options: { cause?: unknown; retryAfterMs?: number | undefined } = {},
  ) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.retryAfterMs = options.retryAfterMs;
  }
}
