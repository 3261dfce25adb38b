/** Backups as files: whole or not there, whatever happens while they are written (promise 4). */
import { fork, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { readBackupFile, removeRemains, writeBackupFile } from '../../src/backup/backup-file.ts';
import { endWithUs, temporaryFolder } from '../harness/leftovers.ts';
import { record } from '../harness/samples.ts';

const owner = { namespace: 'test', dataset: 'rates' };
const maxBytes = 4 * 1024 * 1024;
const payload = Buffer.from('{"usd":1.1}');
const newFile = () => join(temporaryFolder(), 'test.rates.backup');
const read = (file: string) => readBackupFile(file, owner, maxBytes);
const writer = fileURLToPath(new URL('../harness/backup-writer.ts', import.meta.url));

describe('a backup file', () => {
  test('holds what was written, for this user alone, and is the only file', async () => {
    const file = newFile();
    await writeBackupFile(file, owner, { record: record(3), payload });
    await writeBackupFile(file, owner, { record: record(4), payload });
    expect(await read(file)).toEqual({ record: record(4), payload });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(file, '..'))).toEqual(['test.rates.backup']);
  });

  test('that is not there is none', async () => {
    expect(await read(newFile())).toBeUndefined();
    expect(await read('/nowhere/at/all.backup')).toBeUndefined();
  });

  const header = (changes: object) => JSON.stringify({ format: 1, ...owner, record: record(1), ...changes });
  test.each([
    ['', 'is damaged: it has no first line'],
    ['x\n', 'is damaged: its first line is no JSON'],
    [`${'x'.repeat(20_000)}\n`, 'is damaged: it has no first line'],
    ['null\n', 'is damaged: its first line says something else'],
    [`${header({ record: {} })}\n`, 'is damaged: its first line says something else'],
    [`${header({ format: 2, record: 'new' })}\n`, 'has format 2, and this version reads up to 1'],
    [`${header({ namespace: 'other' })}\n`, 'is of other, dataset rates'],
    [`${header({ dataset: 'terms' })}\n`, 'is of test, dataset terms'],
  ])('that holds %j is refused with a sentence', async (text, sentence) => {
    const file = newFile();
    writeFileSync(file, text, { mode: 0o600 });
    await expect(read(file)).rejects.toMatchObject({ name: 'UnusableBackup', message: sentence });
  });

  test('that is longer than its payload may be is not read', async () => {
    const file = newFile();
    writeFileSync(file, Buffer.alloc(100_000));
    await expect(readBackupFile(file, owner, 1_000)).rejects.toThrow('has 100000 bytes, more than the 17384');
  });

  test('that is a folder or a link is not read', async () => {
    const file = newFile();
    mkdirSync(file);
    await expect(read(file)).rejects.toThrow('is no file');
    const link = newFile();
    symlinkSync('/etc/passwd', link);
    await expect(read(link)).rejects.toMatchObject({ code: 'ELOOP' });
  });

  test.runIf(process.getuid?.() === 0)('of another user is not read', async () => {
    const file = newFile();
    await writeBackupFile(file, owner, { record: record(3), payload });
    chownSync(file, 4_711, 4_711);
    await expect(read(file)).rejects.toThrow('belongs to another user');
  });

  test('into a folder that is none fails with what the system says', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'file'), '');
    const written = writeBackupFile(join(folder, 'file', 'x.backup'), owner, { record: record(3), payload });
    await expect(written).rejects.toMatchObject({ code: 'ENOTDIR' });
    chmodSync(folder, 0o700);
  });
});

describe('a process that is killed while it writes (SIGKILL)', () => {
  test('leaves the old file or the new one, never half a one', { timeout: 60_000 }, async () => {
    const file = newFile();
    let last = 0;
    for (let round = 0; round < 12; round++) {
      const child = fork(writer, [file, '1000000'], { execArgv: ['--import', 'tsx'] });
      endWithUs(child);
      let acknowledged = 0;
      await new Promise<void>((resolve) => {
        child.on('message', ({ revision }: { revision: number }) => {
          acknowledged = revision;
          // At another moment of the next write each time.
          if (revision === 2) setTimeout(resolve, round);
        });
      });
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
      const content = await read(file);
      last = content?.record.revision ?? 0;
      expect(last).toBeGreaterThanOrEqual(acknowledged);
      expect(
        createHash('sha256')
          .update(content?.payload ?? '')
          .digest('hex'),
      ).toBe(content?.record.sha256);
    }
    expect(last).toBeGreaterThan(0);
  });

  test('leaves remains that are removed once they are old, and nothing else is', async () => {
    const file = newFile();
    const folder = join(file, '..');
    for (const name of [
      'test.rates.backup.abc.new',
      'test.rates.backup.def.new',
      'test.terms.backup.abc.new',
      'test.rates.backup',
    ])
      writeFileSync(join(folder, name), 'x');
    for (const name of readdirSync(folder)) utimesSync(join(folder, name), 1_000, 1_000);
    utimesSync(join(folder, 'test.rates.backup.def.new'), 3_000, 3_000);
    await removeRemains(file, 2_000_000);
    expect(readdirSync(folder).sort()).toEqual([
      'test.rates.backup',
      'test.rates.backup.def.new',
      'test.terms.backup.abc.new',
    ]);
  });
});

test('a disk that takes no more keeps the last file, and leaves no remains', async () => {
  const file = newFile();
  await writeBackupFile(file, owner, { record: record(3), payload });
  const before = readFileSync(file);
  const limited = 'ulimit -f 64; exec "$0" --import tsx "$@"';
  const child = spawn('sh', ['-c', limited, process.execPath, writer, file, '1000000'], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  endWithUs(child);
  expect(await once(child, 'message')).toEqual([{ code: 'EFBIG' }, undefined]);
  expect(readFileSync(file)).toEqual(before);
  expect(readdirSync(join(file, '..'))).toEqual(['test.rates.backup']);
});
