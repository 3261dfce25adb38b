/**
 * Every error on the way to Redis as a {@link RedisError}: its kind decides the transition, its one sentence tells a
 * person what happened where and what to do next.
 *
 * Scripts wrap what Redis says, so texts are searched, not compared. No secret gets out: arguments that ioredis hangs
 * on its errors are left behind, and known passwords are blotted out of every text.
 */
import type { FailureKind } from '../../machines/index.ts';
import { rules } from './failure-rules.ts';
import type { Place } from './place.ts';

export class RedisError extends Error {
  override readonly name = 'RedisError';
  readonly kind: FailureKind;
  /** Stable: what Redis or Node calls it (`WRONGPASS`, `ECONNREFUSED`), else a word of ours (`TIMEOUT`, `NOTREDIS`). */
  readonly code: string;

  constructor(kind: FailureKind, code: string, message: string, cause?: Error) {
    super(message, cause && { cause });
    this.kind = kind;
    this.code = code;
  }
}

/** The same failure for another caller: an error object has one owner. */
export function repeatError({ kind, code, message, cause }: RedisError): RedisError {
  return new RedisError(kind, code, message, cause as Error | undefined);
}

export function redisError(error: unknown, place: Place): RedisError {
  if (error instanceof RedisError) return error;
  const text = textOf(error);
  const cause = new Error(blotOut(text, place.secrets));
  cause.stack = `Error: ${cause.message}`;
  for (const { code, kind, marks, says } of rules) {
    const found = marks.exec(text);
    if (!found) continue;
    const message = typeof says === 'string' ? says.replaceAll('$address', place.address) : says(place, found);
    return new RedisError(typeof kind === 'string' ? kind : kind(place), code ?? found[0], message, cause);
  }
  const sentence = `Redis at ${place.address} answered with an error that Bellwether does not know: ${cause.message}`;
  return new RedisError('unexpected', /^[A-Z]{2,}\b/.exec(text)?.[0] ?? 'UNKNOWN', sentence, cause);
}

/** Everything an error says about itself: Node puts what happened in `code`, and several of it in `errors`. */
function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code, errors } = error as Error & { code?: unknown; errors?: unknown };
  const parts = [error.message, typeof code === 'string' && !error.message.includes(code) ? code : ''];
  if (Array.isArray(errors)) parts.push(...errors.map(textOf));
  return parts.filter((part) => part !== '').join(' ') || error.name;
}

function blotOut(text: string, secrets: readonly string[]): string {
  return secrets.reduce((clean, secret) => clean.replaceAll(secret, '***'), text).slice(0, 300);
}
