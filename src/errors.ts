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

/** One wrong option. */
export type OptionFault = Readonly<{
  /** Where it stands among the options; empty: the options as a whole. */
  path: readonly string[];
  /** What is expected there. */
  message: string;
}>;

/** An operating error: a stable `code`, a sentence that says what to do next, and the cause where there is one. */
export class BellwetherError extends Error {
  override readonly name = 'BellwetherError';
  readonly code: ErrorCode;
  /** Decides the transition where a machine meets this error. */
  readonly kind: FailureKind | undefined;
  /** Of wrong options: what the message tells, one by one. */
  readonly faults: readonly OptionFault[] | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    options: { cause?: unknown; kind?: FailureKind; faults?: readonly OptionFault[] } = {},
  ) {
    super(message, { cause: options.cause });
    this.code = code;
    this.kind = options.kind;
    this.faults = options.faults;
  }
}
