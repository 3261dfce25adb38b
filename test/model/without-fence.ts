/**
 * This project once more, with the fence removed from the rules of Redis: whoever once held the lease may renew it,
 * claim and publish. Machines, actors and all other rules are the real ones.
 */
import { cpSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(fileURLToPath(import.meta.url), '../../..');
const copied = ['machines', 'src', 'test', 'package.json', 'tsconfig.json'];

const fence = 'return isLockOf(space, podId, epoch) && space.keys.lease?.epoch === epoch;';

/** @returns a temporary folder, to be removed by whoever asked for it */
export function copyWithoutFence(): string {
  const copy = mkdtempSync(join(tmpdir(), 'bellwether-fence-'));
  for (const name of copied) cpSync(join(root, name), join(copy, name), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  const file = join(copy, 'src/memory/lock.ts');
  const text = readFileSync(file, 'utf8');
  if (text.split(fence).length !== 2)
    throw new Error(`src/memory/lock.ts doesn't hold once what the fence is: ${fence}`);
  writeFileSync(file, text.replace(fence, 'return true;'));
  return copy;
}
