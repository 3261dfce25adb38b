/** Where backups go: checked at construction, as all options are. */
import { resolve } from 'node:path';
import { z } from 'zod';
import { parseOptions } from '../options.ts';

export const BackupOptionsSchema = z.strictObject({
  folder: z.string().min(1, 'expected the path of a folder').max(4_000),
});
const OptionsWithBackup = z.strictObject({ backup: BackupOptionsSchema.optional() });

export type BackupOptions = {
  /** The path of a folder of this pod's own; it is made when it isn't there. */
  folder: string;
};

/** @throws BellwetherError `configuration` */
export function parseBackupFolder(backup: BackupOptions | undefined): string | undefined {
  const folder = parseOptions('Bellwether', OptionsWithBackup, { ...(backup !== undefined && { backup }) }).backup
    ?.folder;
  return folder === undefined ? undefined : resolve(folder);
}
