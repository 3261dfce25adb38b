/**
 * One revision as a file: a line of JSON that says what it is, then the payload as it stands in Redis.
 *
 * Guarantee: what is read was written whole, by this user, and is no longer than it may be; a write replaces the file in
 * one step, or not at all. Non-guarantee: the payload is not verified here.
 */
import { constants } from 'node:fs';
import { type FileHandle, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { nanoid } from 'nanoid';
import { z } from 'zod';
import { DatasetName, VersionRecord } from '../../machines/index.ts';

/** The number of the file's format. What is newer is left alone. */
const fileFormat = 1;
const longestHeaderBytes = 16 * 1024;
const lineFeed = 10;

const Header = z.object({
  format: z.literal(fileFormat),
  namespace: z.string(),
  dataset: DatasetName,
  record: VersionRecord,
});
type Header = z.infer<typeof Header>;

export type BackupContent = Readonly<{ record: VersionRecord; payload: Buffer }>;
type Owner = Readonly<{ namespace: string; dataset: DatasetName }>;

/** Why a file is no backup: a sentence without its end, about the file. */
export class UnusableBackup extends Error {
  override readonly name = 'UnusableBackup';
}

/** One step: whoever reads meanwhile, or after a crash at any moment, finds the old file or the new one. */
export async function writeBackupFile(file: string, owner: Owner, { record, payload }: BackupContent): Promise<void> {
  const header: Header = { format: fileFormat, ...owner, record };
  const temporary = `${file}.${nanoid(8)}.new`;
  try {
    const handle = await open(temporary, 'wx', 0o600);
    try {
      await handle.writeFile(Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), payload]));
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
  await syncFolder(dirname(file));
}

/** Undefined when there is none. @throws UnusableBackup, or the system's error */
export async function readBackupFile(file: string, owner: Owner, maxBytes: number): Promise<BackupContent | undefined> {
  let handle: FileHandle;
  try {
    // A link could lead to what another user has written.
    handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const { size, uid, isFile } = await described(handle);
    if (!isFile) throw new UnusableBackup('is no file');
    if (process.getuid && uid !== process.getuid()) throw new UnusableBackup('belongs to another user');
    const mostBytes = maxBytes + longestHeaderBytes;
    if (size > mostBytes) throw new UnusableBackup(`has ${size} bytes, more than the ${mostBytes} that it may have`);
    return contentOf(await handle.readFile(), owner);
  } finally {
    await handle.close();
  }
}

async function described(handle: FileHandle): Promise<{ size: number; uid: number; isFile: boolean }> {
  const stats = await handle.stat();
  return { size: stats.size, uid: stats.uid, isFile: stats.isFile() };
}

function contentOf(bytes: Buffer, { namespace, dataset }: Owner): BackupContent {
  const end = bytes.subarray(0, longestHeaderBytes).indexOf(lineFeed);
  if (end < 0) throw new UnusableBackup('is damaged: it has no first line');
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8', 0, end));
  } catch {
    throw new UnusableBackup('is damaged: its first line is no JSON');
  }
  const { format } = (value ?? {}) as { format?: unknown };
  if (typeof format === 'number' && format > fileFormat)
    throw new UnusableBackup(`has format ${format}, and this version reads up to ${fileFormat}`);
  const header = Header.safeParse(value);
  if (!header.success) throw new UnusableBackup('is damaged: its first line says something else');
  if (header.data.namespace !== namespace || header.data.dataset !== dataset)
    throw new UnusableBackup(`is of ${header.data.namespace}, dataset ${header.data.dataset}`);
  return { record: header.data.record, payload: bytes.subarray(end + 1) };
}

/** What a process that was killed while it wrote has left. @param before ms since 1970: younger ones may be under way */
export async function removeRemains(file: string, before: number): Promise<void> {
  const folder = dirname(file);
  for (const name of await readdir(folder)) {
    if (!name.startsWith(`${basename(file)}.`) || !name.endsWith('.new')) continue;
    const path = join(folder, name);
    const { mtimeMs } = await stat(path);
    if (mtimeMs < before) await rm(path, { force: true });
  }
}

/** Else a crash of the machine could undo the renaming. Some file systems can't. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } catch (error) {
    if (!['EINVAL', 'EPERM', 'ENOTSUP', 'EISDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  } finally {
    await handle.close();
  }
}
