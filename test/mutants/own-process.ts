/** What a run of tests inside a run of tests must not share with it, and how it ends. */

/** Without the folder that CI reads (it is for the run that we are part of), and without what vitest tells its workers. */
export function ownEnvironment(): NodeJS.ProcessEnv {
  const { BELLWETHER_REPORTS: _, ...env } = process.env;
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('VITEST')));
}

/** A process that was spawned `detached`, and all that it started. */
export function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
