/** The command line in this process: quicker than a process of its own, and the same code from the arguments on. */
import { vi } from 'vitest';
import { run } from '../../src/cli/run.ts';
import type { Ended } from './bellwether.ts';

export async function runHere(...args: string[]): Promise<Ended> {
  const written = { stdout: '', stderr: '' };
  const spies = (['stdout', 'stderr'] as const).map((name) =>
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      written[name] += String(text);
      return true;
    }),
  );
  try {
    return { code: await run(args), ...written };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}
