/** The component that has pods and Redis speak mutual TLS: rendered, valid, and its Redis run with its own arguments. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { makeCertificates } from '../harness/certificates.ts';
import { freePort } from '../harness/free-port.ts';
import { endWithUs, temporaryFolder } from '../harness/leftovers.ts';
import { ensureTool } from '../harness/tool.ts';
import { aclLines } from '../security/acl.ts';
import { hasKubectl, type KubernetesObject, objectOf, renderFolder } from './manifests.ts';
import { faultsOf } from './strict-schema.ts';

type Redis = KubernetesObject & {
  spec: {
    template: { spec: { containers: [{ args: string[]; livenessProbe: { exec: { command: string[] } } }] } };
  };
};

/** An overlay of somebody's own. */
function renderWithTls(): KubernetesObject[] {
  const folder = temporaryFolder();
  const at = (path: string) => relative(folder, `deploy/kubernetes/${path}`);
  const lines = ['resources:', `  - ${at('overlays/full')}`, 'components:', `  - ${at('components/redis-tls')}`];
  writeFileSync(join(folder, 'kustomization.yaml'), `${lines.join('\n')}\n`);
  return renderFolder(folder);
}

test.skipIf(!hasKubectl)('pods get certificates and an address of TLS, and Redis listens nowhere else', async () => {
  const objects = renderWithTls();
  expect(objects.flatMap(faultsOf)).toEqual([]);
  const { data } = objectOf<KubernetesObject & { data: Record<string, string> }>(
    objects,
    'ConfigMap',
    'hedging-service',
  );
  expect(data).toMatchObject({ REDIS_ADDR: 'rediss://redis-service:6379', ENABLE_DISTRIBUTED_MANAGER: 'true' });
  const files = ['ca.crt', 'tls.crt', 'tls.key'].map((name) => `/etc/hedging-service/tls/${name}`);
  expect([data.REDIS_TLS_CA, data.REDIS_TLS_CERT, data.REDIS_TLS_KEY]).toEqual(files);

  const [container] = objectOf<Redis>(objects, 'StatefulSet', 'redis').spec.template.spec.containers;
  const folder = temporaryFolder();
  const port = String(await freePort());
  const { ca, server } = makeCertificates(folder);
  mkdirSync(join(folder, 'tls'));
  for (const [from, to] of [
    [ca, 'ca.crt'],
    [server.cert, 'tls.crt'],
    [server.key, 'tls.key'],
  ] as const) {
    copyFileSync(from, join(folder, 'tls', to));
  }
  writeFileSync(join(folder, 'users.acl'), `${aclLines().join('\n')}\n`);
  const settings = readFileSync('deploy/kubernetes/base/redis/redis.conf', 'utf8').replace(/^(aclfile|dir) .*$/gm, '');
  writeFileSync(join(folder, 'redis.conf'), settings);
  const here = (text: string) => text.replace('/etc/redis', folder).replace(/^6379$/, port);
  const own = ['--bind', '127.0.0.1', '--dir', folder, '--aclfile', join(folder, 'users.acl')];
  const redis = spawn(ensureTool('redis-server'), [...container.args.slice(1).map(here), ...own]);
  endWithUs(redis);
  while (!String((await once(redis.stdout, 'data'))[0]).includes('Ready to accept'));
  const [cli = '', ...ping] = container.livenessProbe.exec.command.map(here);
  const probe = (args: string[]) => spawnSync(cli, ['-p', port, ...args], { encoding: 'utf8' });
  expect(probe(ping)).toMatchObject({ status: 0, stdout: 'PONG\n' });
  expect(probe(ping.filter((word) => !/^--(cert|key)$|tls\.(crt|key)$/.test(word))).status).not.toBe(0);
  expect(probe(['ping']).status).not.toBe(0);
});
