/** A command could not do its work, for a reason outside of it: the message is one sentence, the exit code 1. */
export class FailedRun extends Error {
  override readonly name = 'FailedRun';
}
