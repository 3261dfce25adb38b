/**
 * Signatures of versions: with a key that only the pods have, whoever can write to Redis can't slip data in.
 *
 * Guarantee: of a version that passes, dataset, number, publisher and content (by its checksum) are those that a pod
 * with one of these keys published in this namespace. Keys are compared in constant time and never show in any text.
 * Non-guarantee: times and validators aren't signed, because Redis' own clock sets them and confirmations move them; and
 * an old version that was signed stays signed: that nobody goes back to it is promise 3.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import type { DatasetName, VersionRecord } from '../machines/index.ts';

const shortestKeyBytes = 32;
const mostKeys = 8;

const Key = z
  .union([z.string(), z.instanceof(Uint8Array)], 'expected text or bytes')
  .transform((key) => Buffer.from(key as string))
  .refine(
    ({ length }) => length >= shortestKeyBytes,
    `expected at least ${shortestKeyBytes} bytes, such as \`openssl rand -base64 32\` prints`,
  );

export const IntegrityOptions = z.strictObject({
  keys: z.array(Key).min(1, 'expected at least one key').max(mostKeys, `expected at most ${mostKeys} keys`),
  required: z.boolean().default(true),
});

export type IntegrityOptions = {
  /** The first one signs, any of them is accepted: so keys can be changed while the fleet runs. At least 32 bytes each. */
  keys: readonly (string | Uint8Array)[];
  /** `false` accepts unsigned versions too: for the time in which some pods have no key yet. Default true. */
  required?: boolean;
};

type Signed = Omit<VersionRecord, 'updatedAt' | 'checkedAt' | 'validators' | 'isSuspect'>;

export class Integrity {
  readonly #namespace: string;
  readonly #keys: readonly Buffer[];
  readonly #isRequired: boolean;

  constructor(namespace: string, { keys, required }: z.output<typeof IntegrityOptions>) {
    this.#namespace = namespace;
    this.#keys = keys;
    this.#isRequired = required;
  }

  sign(dataset: DatasetName, record: Signed): string {
    return this.#hmac(this.#keys[0], dataset, record).toString('base64url');
  }

  /** Why this version must not be served; undefined when it may. */
  objection(dataset: DatasetName, record: Signed): string | undefined {
    if (record.signature === undefined) return this.#isRequired ? unsigned : undefined;
    return this.#keys.some((key) => this.#isBy(key, dataset, record)) ? undefined : badlySigned;
  }

  /** Signed with the key that signs now; else its content is to be published again, so that an old key can go. */
  isUpToDate(dataset: DatasetName, record: Signed): boolean {
    return record.signature !== undefined && this.#isBy(this.#keys[0], dataset, record);
  }

  #isBy(key: Buffer | undefined, dataset: DatasetName, record: Signed): boolean {
    const expected = this.#hmac(key, dataset, record);
    const given = Buffer.from(record.signature ?? '', 'base64url');
    return given.length === expected.length && timingSafeEqual(given, expected);
  }

  #hmac(key: Buffer | undefined, dataset: DatasetName, record: Signed): Buffer {
    if (!key) throw new Error('there is no key to sign with');
    const { revision, epoch, podId, sha256, bytes, encoding } = record;
    const what = ['bellwether/1', this.#namespace, dataset, revision, epoch, podId, sha256, bytes, encoding];
    return createHmac('sha256', key).update(JSON.stringify(what)).digest();
  }
}

const unsigned =
  'it is not signed: give its publisher the integrity key, or find out who else writes to Redis (`required: false` accepts it)';
const badlySigned =
  'its signature is by none of the keys of this pod: give all pods the same keys, or find out who else writes to Redis';
