/** A process that waits for the demo to end without having tidied up, and then does it. See workspace.ts. */
import { rmSync } from 'node:fs';
import type { JanitorMessage } from './workspace.ts';

const folder = process.argv[2];
const watched = new Set<number>();

process.on('message', (message: JanitorMessage) => {
  if (message.kind === 'watch') watched.add(message.pid);
  else if (message.kind === 'forget') watched.delete(message.pid);
  else process.exit(0);
});
process.once('disconnect', tidyUp);
// It may be gone already.
if (!process.connected) tidyUp();

function tidyUp(): void {
  for (const pid of watched) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It ended by itself.
    }
  }
  if (folder) rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  process.exit(0);
}
