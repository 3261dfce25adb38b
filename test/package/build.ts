/**
 * `npm run build`: compiles what is shipped and puts beside it what the compiler leaves out.
 *
 * ```sh
 * tsx test/package/build.ts [folder]     # default: dist
 * ```
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleDashboard } from '../../visualizations/dashboard/bundle.ts';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
/** The package's `exports` don't name its compiler, so it isn't resolved but looked up. */
export const compiler = join(root, 'node_modules/typescript/bin/tsc');

/** Files that are read at run time, by the place they are read from. Paths from the root, with `/`. */
export function assets(): string[] {
  return [...filesUnder('src/redis/lua', '.lua'), ...filesUnder('src/cli/demo/data', '.json')];
}

export const dashboard = 'src/service/dashboard/dashboard.html';

/** Replaces `folder`. Throws after the compiler has printed its errors. */
export async function build(folder: string): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  const { status } = spawnSync(process.execPath, [compiler, '-p', 'tsconfig.build.json', '--outDir', folder], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error('the build failed: see the errors of the compiler above');
  for (const asset of assets()) cpSync(join(root, asset), join(folder, asset));
  await writeDashboard(folder);
  const command = join(folder, 'src/cli/main.js');
  if (existsSync(command)) chmodSync(command, 0o755);
}

/** The page, bundled, where the built server looks for it. In one go: a server may be reading it. */
export async function writeDashboard(folder: string): Promise<void> {
  const file = join(folder, dashboard);
  const page = await bundleDashboard();
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.${process.pid}`, page);
  renameSync(`${file}.${process.pid}`, file);
}

function filesUnder(folder: string, extension: string): string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(extension))
    .map((file) => `${folder}/${file.replaceAll('\\', '/')}`);
}

const isMain = process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url);
if (isMain) {
  try {
    await build(resolve(process.argv[2] ?? join(root, 'dist')));
  } catch (error) {
    console.error((error as Error).message);
    process.exitCode = 1;
  }
}
