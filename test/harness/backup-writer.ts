/**
 * A process that writes one backup after the other until it is killed, or that tells over IPC why it can't:
 * `backup-writer.ts FILE PAYLOAD_BYTES`.
 */
import { createHash } from 'node:crypto';
import { writeBackupFile } from '../../src/backup/backup-file.ts';

const [file = '', bytes = '0'] = process.argv.slice(2);
const owner = { namespace: 'test', dataset: 'rates' };

try {
  for (let revision = 1; ; revision++) {
    const payload = Buffer.from(JSON.stringify({ revision, padding: 'x'.repeat(Number(bytes)) }));
    const sha256 = createHash('sha256').update(payload).digest('hex');
    const version = { revision, epoch: 1, podId: 'p', updatedAt: 1, checkedAt: 1 };
    const record = { ...version, sha256, bytes: payload.length, encoding: 'json' } as const;
    await writeBackupFile(file, owner, { record, payload });
    process.send?.({ revision });
  }
} catch (error) {
  process.send?.({ code: (error as NodeJS.ErrnoException).code });
  process.disconnect?.();
}
