/**
 * The two headers that name points in time, read on the server's own clock where it tells one: its clock and ours may
 * be hours apart. Formats: RFC 9110, 5.6.7 (without asctime, which nobody sends) and 10.2.3.
 */
import { longestDelayMs } from '../../machines/index.ts';

/** Whose clock says what time it is: the answer's `Date`, else `nowMs` (ms since 1970). */
function answeredAt(headers: Headers, nowMs: number): number {
  return parseHttpDate(headers.get('date')) ?? nowMs;
}

function parseHttpDate(text: string | null): number | undefined {
  // Date.parse alone also takes "10 minutes" and other nonsense.
  if (!text || !/^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*, .{1,40} GMT$/.test(text)) return undefined;
  const atMs = Date.parse(text);
  return Number.isNaN(atMs) ? undefined : atMs;
}

/** `Retry-After` in either form; undefined when there is none or nobody can read it. */
export function retryAfterMs(headers: Headers, nowMs: number): number | undefined {
  const text = headers.get('retry-after');
  if (!text) return undefined;
  const atMs = parseHttpDate(text);
  const waitMs = /^\d+$/.test(text) ? Number(text) * 1_000 : atMs && atMs - answeredAt(headers, nowMs);
  return waitMs === undefined ? undefined : Math.min(Math.max(0, waitMs), longestDelayMs);
}

/**
 * `Last-Modified`, if it can serve as a condition: it has whole seconds only, so that it says nothing about a second
 * change in the same second unless the answer is at least one second younger (RFC 9110, 8.8.2.2).
 */
export function strongLastModified(headers: Headers, nowMs: number): string | undefined {
  const text = headers.get('last-modified');
  const atMs = parseHttpDate(text);
  return text && atMs !== undefined && answeredAt(headers, nowMs) - atMs >= 1_000 ? text : undefined;
}
