/**
 * `npm run bench`, `npm run bench:failover`: compiles the library and the benchmarks as the package is built, then runs
 * the named file of this folder. No TypeScript loader runs in a measured process; the library under test is the compiler's output.
 *
 * The output stands in a folder of its own, so that a build of somebody else doesn't pull it away in mid-run.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { assets, compiler } from '../package/build.ts';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
/** Under `node_modules`, so that the packages resolve and no tool looks in. */
const output = join(root, 'node_modules/.cache/bellwether-bench');

function compile(): boolean {
  rmSync(output, { recursive: true, force: true });
  mkdirSync(output, { recursive: true });
  // The library asks for its own by name.
  cpSync(join(root, 'package.json'), join(output, 'package.json'));
  const project = join(root, 'test/bench/tsconfig.json');
  const { status } = spawnSync(process.execPath, [compiler, '-p', project, '--outDir', output], { stdio: 'inherit' });
  for (const asset of assets()) cpSync(join(root, asset), join(output, asset));
  return status === 0;
}

const [command = 'run', ...options] = process.argv.slice(2);

if (compile()) {
  const child = spawn(process.execPath, [join(output, `test/bench/${command}.js`), ...options], {
    stdio: 'inherit',
  });
  // Ctrl-C reaches the child as well: it ends what it started, then we follow.
  process.on('SIGINT', () => undefined);
  process.once('SIGTERM', () => child.kill('SIGTERM'));
  const [code] = (await once(child, 'exit')) as [number | null];
  process.exitCode = code ?? 1;
} else {
  console.error('The library or the benchmarks do not compile: see the errors above.');
  process.exitCode = 1;
}
