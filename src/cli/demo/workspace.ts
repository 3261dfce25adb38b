/**
 * The run's temporary folder, and the janitor that sees to it that nothing outlives the run: a process that kills the
 * Redis and removes the folder if this one ends without having done so itself, however it ends.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { modulePath } from '../module-path.ts';

export type JanitorMessage = Readonly<{ kind: 'watch' | 'forget'; pid: number } | { kind: 'done' }>;

export type Workspace = Readonly<{
  folder: string;
  /** That process is to end with this one. */
  watch(pid: number): void;
  forget(pid: number): void;
  /** Whether the folder is still of use when all is over. */
  keepFolder(isKept: boolean): void;
  close(): Promise<void>;
  removeAtOnce(): void;
}>;

export function openWorkspace(): Workspace {
  const folder = mkdtempSync(join(tmpdir(), 'bellwether-demo-'));
  const janitor = fork(modulePath('./janitor', import.meta.url), [folder], {
    execArgv: process.execArgv,
    stdio: 'ignore',
    detached: true,
  });
  const exited = once(janitor, 'exit').catch(() => undefined);
  const tell = (message: JanitorMessage) => {
    if (janitor.connected) janitor.send(message, () => undefined);
  };
  let isKept = false;
  const removeAtOnce = () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  return {
    folder,
    watch: (pid) => tell({ kind: 'watch', pid }),
    forget: (pid) => tell({ kind: 'forget', pid }),
    keepFolder: (is) => {
      isKept = is;
    },
    close: async () => {
      if (!isKept) removeAtOnce();
      tell({ kind: 'done' });
      await exited;
    },
    // In haste nobody has been told of it.
    removeAtOnce,
  };
}
