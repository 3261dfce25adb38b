/**
 * Runs one attempt under a total time limit and the caller's signal.
 *
 * Guarantee: the promise settles as soon as the limit is over or the signal is aborted, even if the attempt ignores its
 * own signal; the attempt's signal is aborted in every case, success included, so that nothing of it stays open.
 * Not guaranteed: that an attempt which ignores its signal stops. Clock: Node's timers, monotonic.
 */
export type Limits = Readonly<{
  signal: AbortSignal;
  timeLimitMs: number;
  whenLate: () => Error;
  whenAborted: (reason: unknown) => Error;
}>;

export async function timeLimited<T>(limits: Limits, attempt: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { signal, timeLimitMs, whenLate, whenAborted } = limits;
  if (signal.aborted) throw whenAborted(signal.reason);

  const controller = new AbortController();
  const { promise: ended, reject } = withReject();
  const onAbort = () => reject(whenAborted(signal.reason));
  // Not AbortSignal.any and .timeout: on a signal that lives as long as the pod they leave something behind per call.
  signal.addEventListener('abort', onAbort, { once: true });
  const timer = setTimeout(() => reject(whenLate()), timeLimitMs);
  try {
    return await Promise.race([attempt(controller.signal), ended]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
    controller.abort();
  }
}

function withReject(): { promise: Promise<never>; reject: (error: Error) => void } {
  let reject: (error: Error) => void = () => {};
  const promise = new Promise<never>((_, rejectPromise) => {
    reject = rejectPromise;
  });
  return { promise, reject };
}
