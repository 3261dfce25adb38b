/** The image's steps, run by hand, and the service that comes of them, run as the manifests run it. */
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startCountingSource } from '../harness/counting-source.ts';
import { freePort } from '../harness/free-port.ts';
import { endWithUs, temporaryFolder } from '../harness/leftovers.ts';
import { startRedisServer } from '../harness/redis-server.ts';
import { aclLines, password } from '../security/acl.ts';
import { runStages } from './by-hand.ts';
import { command, stages } from './dockerfile.ts';

const nobody = process.getuid?.() === 0 ? { uid: 65_532, gid: 65_532 } : {};

test('leave a service and nothing of development, which runs as nobody under the deployed users of Redis', async () => {
  const root = temporaryFolder();
  chmodSync(root, 0o755);
  const image = stages().at(-1);
  const app = join(runStages(stages(), root).get('image') ?? '', 'app');
  expect(readdirSync(app).sort()).toEqual(['CHANGELOG.md', 'LICENSE', 'dist', 'node_modules', 'package.json']);
  const modules = readdirSync(join(app, 'node_modules'));
  expect(modules).toContain('ioredis');
  expect(modules.filter((name) => /^(vitest|typescript|esbuild|tsx|@biomejs|playwright-core)$/.test(name))).toEqual([]);

  const [redis, source, port] = await Promise.all([
    startRedisServer({ acl: aclLines() }),
    startCountingSource(),
    freePort(),
  ]);
  const env = {
    REDIS_ADDR: redis.url,
    REDIS_USERNAME: 'hedging',
    REDIS_PASSWORD: password,
    RATES_URL: source.url,
    TERMS_URL: source.url,
    HTTP_HOST: '127.0.0.1',
    HTTP_PORT: String(port),
    NODE_OPTIONS: '--max-old-space-size=320',
  };
  // The image's node stands elsewhere than this machine's.
  const own = (args: readonly string[]) => args.slice(1);
  const pod = spawn(process.execPath, [...own(command(image, 'ENTRYPOINT')), ...command(image, 'CMD')], {
    ...{ cwd: app, env, ...nobody },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  endWithUs(pod);
  let log = '';
  pod.stdout.setEncoding('utf8').on('data', (text: string) => {
    log += text;
  });
  await expect.poll(() => log, { timeout: 20_000 }).toContain('Became leader');
  const check = spawnSync(process.execPath, own(command(image, 'HEALTHCHECK')), { env, ...nobody });
  expect(check.status).toBe(0);
  pod.kill('SIGTERM');
  await expect.poll(() => pod.exitCode, { timeout: 15_000 }).toBe(0);
  await source.close();
  // Tens of thousands of files take longer to go than a hook may last.
  rmSync(root, { recursive: true, force: true });
}, 300_000);
