/** The package as npm would publish it, and commands in the project of a user. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../harness/leftovers.ts';
import { build } from './build.ts';

type Packed = { filename: string; files: { path: string }[] };

export const quietly = ['--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];

/** Built and packed in a folder of its own: `dist` may be in use by other tests, or out of date. */
export async function pack(): Promise<{ tarball: string; packed: string[] }> {
  const stage = temporaryFolder();
  for (const file of ['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md']) {
    if (existsSync(file)) copyFileSync(file, join(stage, file));
  }
  await build(join(stage, 'dist'));
  const [report] = JSON.parse(run(stage, 'npm', 'pack', '--json', '--ignore-scripts')) as Packed[];
  if (!report) throw new Error('npm pack reported no tarball');
  return { tarball: join(stage, report.filename), packed: report.files.map(({ path }) => path) };
}

export function run(cwd: string, program: string, ...args: string[]): string {
  try {
    return execFileSync(program, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], timeout: 120_000 });
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    throw new Error(`${program} ${args.join(' ')} failed:\n${stdout ?? ''}${stderr ?? ''}`, { cause: error });
  }
}
