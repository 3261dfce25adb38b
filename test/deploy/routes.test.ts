/** The paths that the manifests ask for are routes of the service. */
import { readFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { start } from '../cli/bellwether.ts';
import { startCountingSource } from '../harness/counting-source.ts';
import { freePort } from '../harness/free-port.ts';
import { command, stages } from './dockerfile.ts';

/** Of probes and of the monitor, wherever they stand. */
function pathsIn(file: string): string[] {
  const found: string[] = [];
  const walk = (value: unknown) => {
    if (typeof value !== 'object' || value === null) return;
    const { path, port } = value as { path?: unknown; port?: unknown };
    if (typeof path === 'string' && port === 'http') found.push(path);
    for (const child of Object.values(value)) walk(child);
  };
  for (const document of parseAllDocuments(readFileSync(`deploy/kubernetes/base/${file}`, 'utf8')))
    walk(document.toJS());
  return found;
}

const paths = ['deployment.yaml', 'service-monitor.yaml'].flatMap(pathsIn);

test('the manifests and the image ask for four paths', () => {
  const [url] = /(?<=[}])\/\w+/.exec(command(stages().at(-1), 'HEALTHCHECK')[2] ?? '') ?? [];
  expect([...paths, url]).toEqual(['/livez', '/livez', '/readyz', '/metrics', '/livez']);
});

test('each of them is answered by the service, which is alive before it is ready', async () => {
  const [source, port] = await Promise.all([startCountingSource(), freePort()]);
  onTestFinished(() => source.close());
  const service = start(['service'], {
    ...{ REDIS_ADDR: 'memory:', RATES_URL: source.url, TERMS_URL: source.url },
    ...{ HTTP_HOST: '127.0.0.1', HTTP_PORT: String(port) },
  });
  await service.says(/Listening on/);
  const statuses = await Promise.all(
    [...new Set(paths)].map(async (path) => [path, (await fetch(`http://127.0.0.1:${port}${path}`)).status]),
  );
  // Its source answers what the schemas refuse: it has no data.
  expect(statuses).toEqual([
    ['/livez', 200],
    ['/readyz', 503],
    ['/metrics', 200],
  ]);
  service.child.kill('SIGTERM');
  await service.ended;
});
