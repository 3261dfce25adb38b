/** Where backups go: checked at construction, as all options are. */
import { z } from 'zod';

export const BackupOptionsSchema = z.strictObject({
  folder: z.string().min(1, 'expected the path of a folder').max(4_000),
});

export type BackupOptions = {
  /** The path of a folder of this pod's own; it is made when it isn't there. */
  folder: string;
};
