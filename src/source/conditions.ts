/** Validators of an answer, and the conditions that they become in the next call (RFC 9110, 13.1). */
import { Validators } from '../../machines/index.ts';
import { strongLastModified } from './http-date.ts';

/** What a header can carry; validators come from Redis and may be anything. */
const sendable = /^[\x21-\x7e\x80-\xff][\x20-\x7e\x80-\xff]*$/;

/** The request headers that make the call conditional; empty when there is nothing to compare with. */
export function conditionHeaders(validators: Validators | undefined): Record<string, string> {
  const { etag, lastModified } = validators ?? {};
  return {
    ...(etag && sendable.test(etag) && { 'if-none-match': etag }),
    ...(lastModified && sendable.test(lastModified) && { 'if-modified-since': lastModified }),
  };
}

/** One that is longer than the protocol stores is dropped: the next call then gets the whole dataset, at worst. */
export function validatorsOf(headers: Headers, nowMs: number): Validators {
  const etag = Validators.shape.etag.safeParse(headers.get('etag') ?? undefined).data;
  const lastModified = Validators.shape.lastModified.safeParse(strongLastModified(headers, nowMs)).data;
  return { ...(etag && { etag }), ...(lastModified && { lastModified }) };
}
