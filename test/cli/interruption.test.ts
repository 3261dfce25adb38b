/** Ctrl-C and SIGTERM, sent to the demo itself and through npm and its shell: it ends as asked, and nothing stays. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import { endWithUs, temporaryFolder } from '../harness/leftovers.ts';
import { childrenOf, isAlive } from '../harness/processes.ts';
import { start } from './bellwether.ts';

const kept = ['demo', '--pods', '3', '--interval', '1s', '--no-faults', '--keep'];
/** Has a process take its output for a terminal. */
const onTerminal = { NODE_OPTIONS: '--import=data:text/javascript,process.stdout.isTTY=true', TERM: 'xterm' };
const [hidesCursor, showsCursor] = ['\x1b[?25l', '\x1b[?25h'];

const descendantsOf = (pid: number | undefined): number[] =>
  childrenOf(pid).flatMap((child) => [child, ...descendantsOf(child)]);

describe('bellwether demo on a terminal', () => {
  test('takes a signal that comes twice within half a second for one, and ends in order', async () => {
    const running = start(kept, onTerminal);
    await running.says(/running on until Ctrl-C/);
    running.child.kill('SIGINT');
    await sleep(50);
    running.child.kill('SIGINT');
    const { code, stdout } = await running.ended;
    expect(code, stdout).toBe(0);
    expect(stdout).toMatch(/^ {2}kept +nothingLost /m);
  }, 60_000);

  test('ends at once on a second Ctrl-C after that, with the cursor back and nothing left running', async () => {
    const running = start(kept, onTerminal);
    await running.says(/3 of 3 pods serve/);
    const processes = childrenOf(running.child.pid);
    // A Redis that stands still keeps the demo from ending in order for a while.
    process.kill(childrenOf(running.child.pid, /^redis-server/)[0] as number, 'SIGSTOP');
    running.child.kill('SIGINT');
    await sleep(700);
    running.child.kill('SIGINT');
    const { code, stdout } = await running.ended;
    expect(code, stdout).toBe(130);
    expect(stdout).not.toMatch(/^ {2}kept /m);
    expect(stdout.lastIndexOf(showsCursor)).toBeGreaterThan(stdout.lastIndexOf(hidesCursor));
    await expect.poll(() => processes.filter(isAlive), { timeout: 10_000 }).toEqual([]);
  }, 60_000);
});

/** A folder in which `npm run demo` is the line of our package.json, with the sources where that looks for the build. */
function packageFolder(): string {
  const folder = temporaryFolder();
  const { demo } = JSON.parse(readFileSync('package.json', 'utf8')).scripts;
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module', scripts: { build: 'true', demo } }));
  mkdirSync(join(folder, 'dist/src/cli'), { recursive: true });
  const main = pathToFileURL(resolve('src/cli/main.ts')).href;
  writeFileSync(join(folder, 'dist/src/cli/main.js'), `await import('${main}');\n`);
  return folder;
}

/** In a process group of its own, as a terminal starts it. */
function npmRunDemo() {
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  const child = spawn('npm', ['run', 'demo', '--', ...kept.slice(1)], {
    cwd: packageFolder(),
    env: { ...process.env, NODE_OPTIONS: `--import=${tsx}`, REDIS_ADDR: '' },
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  endWithUs(child);
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  return { pid: child.pid as number, output: () => output, closed: once(child, 'close') };
}

describe('npm run demo', () => {
  test.each([
    ['SIGTERM to npm alone', 'SIGTERM', (pid: number) => pid],
    ['Ctrl-C, which npm passes on to a demo that has got it already', 'SIGINT', (pid: number) => -pid],
  ] as const)(
    'ends in order on %s, and leaves nothing running',
    async (_, signal, receiver) => {
      const npm = npmRunDemo();
      await expect.poll(npm.output, { timeout: 40_000, interval: 100 }).toMatch(/running on until Ctrl-C/);
      const processes = descendantsOf(npm.pid);
      try {
        process.kill(receiver(npm.pid), signal);
        await expect.poll(() => processes.filter(isAlive), { timeout: 10_000 }).toEqual([]);
        await npm.closed;
        expect(npm.output()).toMatch(/^ {2}kept +nothingLost /m);
      } finally {
        for (const pid of processes.filter(isAlive)) process.kill(pid, 'SIGKILL');
      }
    },
    60_000,
  );
});
