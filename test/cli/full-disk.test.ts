/** Where the disk that takes the log lines is full, the pod works on, and ends when it is asked to (promise 8). */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { expect, test } from 'vitest';
import { freePort } from '../harness/free-port.ts';
import { endWithUs } from '../harness/leftovers.ts';

test('a service whose log can’t be written answers, and ends with 0 on SIGTERM', async () => {
  const port = String(await freePort());
  const nowhere = 'http://127.0.0.1:1/';
  const env = { ...process.env, HTTP_PORT: port, RATES_URL: nowhere, TERMS_URL: nowhere, REDIS_ADDR: 'memory:' };
  const args = ['--import', 'tsx', 'src/cli/main.ts', 'service'];
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', openSync('/dev/full', 'w'), 'inherit'] });
  endWithUs(child);
  const ended = once(child, 'exit');
  const health = () =>
    fetch(`http://127.0.0.1:${port}/health`).then(
      ({ status }) => status,
      () => undefined,
    );
  await expect.poll(health, { timeout: 15_000 }).toBe(200);
  child.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
});
