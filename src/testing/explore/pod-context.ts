/**
 * What of a machine's context makes a difference in the model. Durations only say how long timers wait, and timers of
 * the model may fire at any moment; counters of failures only lengthen waits, or are compared with a small limit.
 */
import type { Failure } from '../../../machines/index.ts';

const constants: Readonly<Record<string, unknown>> = {
  beliefLeftMs: 1,
  lockLeftMs: 1,
  untilTurnMs: 1,
  waitMs: 1,
  redisAttempt: 0,
  yields: 0,
  retryAfterMs: null,
  fleet: { size: 2, rank: 0, turn: 0, turns: 1 },
};

const mostAttempts = 2;

export function blurContext(_machine: string, context: Record<string, unknown>): Record<string, unknown> {
  const blurred = { ...context };
  for (const [name, value] of Object.entries(constants)) if (name in blurred) blurred[name] = value;
  if (typeof blurred.attempt === 'number') blurred.attempt = Math.min(blurred.attempt, mostAttempts);
  if (blurred.failure) blurred.failure = withoutWords(blurred.failure as Failure);
  if (blurred.failing) {
    const failing = Object.entries(blurred.failing as Record<string, Failure>);
    blurred.failing = Object.fromEntries(failing.map(([name, failure]) => [name, withoutWords(failure)]));
  }
  return blurred;
}

function withoutWords({ kind }: Failure): Failure {
  return { kind, message: kind };
}

const fixed = new Set(['plans', 'plan', 'timing', 'mode', 'grantCause', ...Object.keys(constants)]);

export function visibleContext(context: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(context).filter(([name]) => !fixed.has(name)));
}
