/**
 * What tests start and leave behind ends with them: child processes by their pid, temporary folders by their path.
 *
 * Called after every test file (setup.ts), when the process exits, when it is told to end, and when the runner that
 * forked it is gone. Only a SIGKILL of the test process itself is beyond this.
 */
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const children = new Map<ChildProcess, () => void>();
const folders = new Set<string>();

/** Has the child killed when this process ends, unless it has ended before. `cleanUp` runs in either case. */
export function endWithUs(child: ChildProcess, cleanUp: () => void = () => undefined): void {
  children.set(child, cleanUp);
  child.once('exit', () => {
    if (children.delete(child)) cleanUp();
  });
}

/** A new folder under the system's temporary one. Its name is short: a unix socket's path has 104 bytes at most. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'bw-'));
  folders.add(folder);
  return folder;
}

export function endLeftovers(): void {
  for (const [child, cleanUp] of children) {
    // SIGKILL also ends what is paused.
    child.kill('SIGKILL');
    cleanUp();
  }
  children.clear();
  for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  folders.clear();
}

process.once('exit', endLeftovers);
process.once('disconnect', () => process.exit(1));
const endBySignal = (signal: NodeJS.Signals) => {
  endLeftovers();
  // The handler is gone now: this time the signal does what it would have done.
  process.kill(process.pid, signal);
};
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
for (const signal of signals) process.once(signal, endBySignal);

/** For a program that ends in order when it is told to: from now on signals are its own business. */
export function leaveSignalsToCaller(): void {
  for (const signal of signals) process.off(signal, endBySignal);
}
