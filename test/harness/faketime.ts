/**
 * A faked wall clock for a child that isn't Node, by Debian's libfaketime (0.9.10). Linux only.
 *
 * What we found out, and what the environment below is for:
 * - redis-server brings jemalloc, which reads the clock while it initialises; libfaketime allocates memory on its first
 *   call. They recurse, and the server never starts ("unexpected recursive calls to clock_gettime()"); so the command
 *   `faketime` can't run it. With `libc.so.6` preloaded behind libfaketime, the C library's malloc is found before
 *   jemalloc's, and all is well. (In front of it, libfaketimeMT, or MALLOC_CONF don't help.)
 * - The monotonic clock stays real, else a frozen clock stops the server's event loop.
 * - Without NO_CACHE the file is read once in 10 seconds; with it, at every look at the clock. It costs nothing that
 *   one can measure (a GET takes 110 µs with and without).
 * - An absolute date freezes the clock, and takes fractions of a second (not documented). They pass through a double
 *   and are cut off, so that `.251` becomes 250,999 µs: half a microsecond is added, and every millisecond is exact.
 */
import { existsSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from './leftovers.ts';
import { ensureTool } from './tool.ts';

export const hasFakeTime = process.platform === 'linux';

/** A fixed setting (`'+1h'`, `'+0 x3'`, see `man faketime`), or a file that holds one and may change at any time. */
export type FakeTime = Readonly<{ setting: string } | { file: string }>;

/** A clock that the test sets again while its process runs: `set('+1h')`. */
export function settableTime(setting: string): Readonly<{ file: string; set(setting: string): void }> {
  const file = join(temporaryFolder(), 'now');
  const set = (next: string) => {
    // Renamed, because the process may read at any moment, and half a setting would be the real time.
    writeFileSync(`${file}.new`, `${next}\n`);
    renameSync(`${file}.new`, file);
  };
  set(setting);
  return { file, set };
}

export function fakeTimeEnvironment(fakeTime: FakeTime): Record<string, string> {
  return {
    LD_PRELOAD: `${findLibrary()}:libc.so.6`,
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
    // Settings are read as local time.
    TZ: 'UTC',
    ...('file' in fakeTime
      ? { FAKETIME_TIMESTAMP_FILE: fakeTime.file, FAKETIME_NO_CACHE: '1' }
      : { FAKETIME: fakeTime.setting }),
  };
}

/** libfaketime leaves shared memory behind when its process is killed; harmless, but it adds up. */
export function removeSharedMemory(pid: number): void {
  for (const name of [`faketime_shm_${pid}`, `sem.faketime_sem_${pid}`])
    rmSync(join('/dev/shm', name), { force: true });
}

/** The setting of a clock that stands still at `ms` since 1970, to the microsecond. */
export function frozenAt(ms: number): string {
  const [day, time] = new Date(ms).toISOString().replace('Z', '').split('T');
  return `${day} ${time}0005`;
}

function findLibrary(): string {
  ensureTool('faketime');
  const library = readdirSync('/usr/lib')
    .map((folder) => join('/usr/lib', folder, 'faketime', 'libfaketime.so.1'))
    .find((file) => existsSync(file));
  if (!library)
    throw new Error('libfaketime.so.1 was not found under /usr/lib: install it with `apt-get install faketime`.');
  return library;
}
