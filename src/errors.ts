import type { FailureKind } from '../machines/index.ts';

export type ErrorCode =
  | 'configuration'
  | 'noData'
  | 'unknownDataset'
  | 'startTimeout'
  | 'startAborted'
  | 'redisDown'
  | 'stopped'
  | 'sourceTimeout'
  | 'sourceFailed'
  | 'notJson'
  | 'tooLarge'
  | 'wrongShape'
  | 'nothingPublished';

/** An operating error: a stable `code`, a sentence that says what to do next, and the cause where there is one. */
export class BellwetherError extends Error {
  override readonly name = 'BellwetherError';
  readonly code: ErrorCode;
  /** Decides the transition where a machine meets this error. */
  readonly kind: FailureKind | undefined;

  constructor(code: ErrorCode, message: string, options: { cause?: unknown; kind?: FailureKind } = {}) {
    super(message, { cause: options.cause });
    this.code = code;
    this.kind = options.kind;
  }
}
