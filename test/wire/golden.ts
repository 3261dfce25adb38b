/**
 * Recorded bytes: what stands in Redis and travels through it, a file each, in a folder named after the format's number.
 *
 * `BELLWETHER_RECORD=1 npx vitest run test/wire` writes them. A format that was released is never recorded again:
 * docs/wire-format.md.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect } from 'vitest';
import { FORMAT } from '../../machines/index.ts';

const folder = `test/wire/format-${FORMAT}`;

export function readGolden(name: string): Buffer {
  return readFileSync(`${folder}/${name}`);
}

/** Byte for byte, but for times: they have as many digits as they are recorded with, and pass by one another. */
export function expectGolden(name: string, bytes: Buffer): void {
  const text = withoutTimes(bytes);
  if (process.env.BELLWETHER_RECORD === '1') {
    mkdirSync(dirname(`${folder}/${name}`), { recursive: true });
    writeFileSync(`${folder}/${name}`, text);
  }
  expect(text.toString('latin1'), name).toBe(readGolden(name).toString('latin1'));
}

/** Times of Redis' clock since 2001 and until 2286 have 13 digits, and nothing else recorded here has. */
function withoutTimes(bytes: Buffer): Buffer {
  return Buffer.from(bytes.toString('latin1').replace(/(?<![\w.])\d{13}(?![\w.])/g, '1764000000000'), 'latin1');
}
