/**
 * Between data and payload bytes. The one place where published bytes are made, and where they are trusted.
 *
 * Guarantee: what `decodePayload` returns passed checksum and schema, and is frozen all the way down.
 */
import { hash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { z } from 'zod';
import type { VersionRecord } from '../machines/index.ts';
import { deepFreeze } from './deep-freeze.ts';
import { BellwetherError } from './errors.ts';
import { prototypeKeyIn } from './prototype-key.ts';

export type EncodedPayload = Readonly<Pick<VersionRecord, 'sha256' | 'bytes' | 'encoding'> & { payload: Buffer }>;

export type Limits = Readonly<{
  /** Of the JSON text, in bytes. */
  maxBytes: number;
  /** JSON text longer than this is gzipped. Below it, `redis-cli get` reads the payload. */
  compressAboveBytes: number;
}>;

export type DecodedPayload<T> =
  | { outcome: 'verified'; data: T }
  /** The bytes aren't what was published: somebody must restore them. */
  | { outcome: 'damaged'; reason: string }
  /** The bytes are what was published, but this pod's schema refuses them. */
  | { outcome: 'rejected'; reason: string };

const sha256Of = (bytes: Buffer) => hash('sha256', bytes, 'hex');

/** @throws BellwetherError `notJson` or `tooLarge` */
export function encodePayload(raw: unknown, { maxBytes, compressAboveBytes }: Limits): EncodedPayload {
  let text: string | undefined;
  try {
    text = JSON.stringify(raw);
  } catch (cause) {
    throw notJson(cause);
  }
  if (text === undefined) throw notJson();
  const json = Buffer.from(text);
  if (json.length > maxBytes) {
    throw new BellwetherError(
      'tooLarge',
      `The source answered with ${json.length} bytes of JSON, more than the limit of ${maxBytes}: raise maxBytes of this dataset if that is right.`,
      { kind: 'sourceFailed' },
    );
  }
  const zipped = json.length > compressAboveBytes ? gzipSync(json) : undefined;
  // What can't be compressed stays as it is, so that no payload is ever longer than its text may be.
  const payload = zipped && zipped.length < json.length ? zipped : json;
  const encoding = payload === zipped ? 'gzip' : 'json';
  return { payload, encoding, bytes: payload.length, sha256: sha256Of(payload) };
}

function notJson(cause?: unknown): BellwetherError {
  return new BellwetherError(
    'notJson',
    'The source answered with something that JSON cannot hold: return plain objects, arrays, strings, numbers and booleans.',
    { cause, kind: 'sourceFailed' },
  );
}

export function decodePayload<T>(
  record: Pick<VersionRecord, 'sha256' | 'bytes' | 'encoding'>,
  payload: Buffer | undefined,
  schema: z.ZodType<T>,
  maxBytes: number,
): DecodedPayload<T> {
  const bytes = Math.max(record.bytes, payload?.length ?? 0);
  if (bytes > maxBytes)
    return { outcome: 'rejected', reason: `it has ${bytes} bytes, more than maxBytes (${maxBytes})` };
  if (!payload) return { outcome: 'damaged', reason: 'the payload is missing' };
  if (sha256Of(payload) !== record.sha256)
    return { outcome: 'damaged', reason: 'the checksum of the payload is wrong' };
  let value: unknown;
  let text: string;
  try {
    const json = record.encoding === 'gzip' ? gunzipSync(payload, { maxOutputLength: maxBytes }) : payload;
    text = json.toString('utf8');
    value = JSON.parse(text);
  } catch (error) {
    return { outcome: 'rejected', reason: `the payload is not ${record.encoding}: ${(error as Error).message}` };
  }
  const key = prototypeKeyIn(text, value);
  if (key !== undefined) return { outcome: 'rejected', reason: `it has a key "${key}", which no data needs` };
  return validate(value, schema);
}

function validate<T>(value: unknown, schema: z.ZodType<T>): DecodedPayload<T> {
  try {
    const result = schema.safeParse(value);
    if (result.success) return { outcome: 'verified', data: deepFreeze(result.data) };
    return { outcome: 'rejected', reason: describeIssues(result.error.issues) };
  } catch (error) {
    // An asynchronous or throwing refinement.
    return { outcome: 'rejected', reason: `the schema could not be applied: ${(error as Error).message}` };
  }
}

const shownIssues = 3;

/** `rates.usd: expected number, received string; …`: the first few, for a person. */
export function describeIssues(issues: readonly { path: PropertyKey[]; message: string }[]): string {
  const shown = issues
    .slice(0, shownIssues)
    .map(({ path, message }) => `${path.map(String).join('.') || '(whole)'}: ${message}`);
  const more = issues.length > shownIssues ? ` (and ${issues.length - shownIssues} more)` : '';
  return `${shown.join('; ')}${more}`.slice(0, 400);
}
