/** The manifests: rendered by kubectl, valid by their schemas, and at one with the service that they run. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Timing } from '../../machines/index.ts';
import { readEnvironment } from '../../src/hedging/environment.ts';
import { hasKubectl, type KubernetesObject, objectOf, overlays, render } from './manifests.ts';
import { faultsOf } from './strict-schema.ts';

type Selector = { matchLabels: Record<string, string> };
type Container = {
  env: { name: string; value?: string; valueFrom?: { secretKeyRef?: { name: string; key: string } } }[];
  envFrom: { configMapRef: { name: string } }[];
  image: string;
  ports: { name: string; containerPort: number }[];
  resources: Record<'requests' | 'limits', Record<string, string>>;
  securityContext: Record<string, unknown>;
  startupProbe: { httpGet: { path: string; port: string } };
  livenessProbe: { httpGet: { path: string; port: string } };
  readinessProbe: { httpGet: { path: string; port: string } };
  lifecycle: { preStop: { sleep: { seconds: number } } };
  volumeMounts: { name: string; mountPath: string }[];
};
type Workload = KubernetesObject & {
  spec: {
    replicas: number;
    selector: Selector;
    template: {
      metadata: { labels: Record<string, string> };
      spec: {
        containers: [Container];
        terminationGracePeriodSeconds: number;
        securityContext: Record<string, unknown>;
        topologySpreadConstraints: { labelSelector: Selector }[];
        volumes: Record<string, unknown>[];
      };
    };
  };
};

// Elsewhere than in CI a developer may have none; there it must not be forgotten.
if (!hasKubectl) console.warn('kubectl 1.21 or newer is not on PATH: the manifests are not rendered.');

if (!hasKubectl) test.skip('the manifests (there is no kubectl 1.21 or newer on PATH)', () => undefined);
else
  describe('the manifests', () => {
    const rendered = Object.fromEntries(overlays.map((overlay) => [overlay, render(overlay)]));
    const full = rendered.full as KubernetesObject[];
    const deployment = objectOf<Workload>(full, 'Deployment', 'hedging-service');
    const pod = deployment.spec.template.spec;
    const [container] = pod.containers;
    const settings = objectOf<KubernetesObject & { data: Record<string, string> }>(
      full,
      'ConfigMap',
      'hedging-service',
    );

    test.each(overlays)('of %s are valid, each by its schema', (overlay) => {
      const objects = rendered[overlay] as KubernetesObject[];
      expect(
        objects.map(({ kind, metadata }) => `${kind} ${metadata.name.replace(/-[a-z0-9]{10}$/, '')}`).sort(),
      ).toEqual([
        'ConfigMap hedging-service',
        'ConfigMap redis',
        'Deployment hedging-service',
        'NetworkPolicy hedging-service',
        'NetworkPolicy redis',
        'PodDisruptionBudget hedging-service',
        'Service hedging-service',
        'Service redis-service',
        'ServiceMonitor hedging-service',
        'StatefulSet redis',
      ]);
      expect(objects.flatMap(faultsOf)).toEqual([]);
    });

    test('would be found wrong with a field of a wrong type, a missing one, or one that nobody knows', () => {
      const broken = (change: (copy: Workload) => void) => {
        const copy = structuredClone(deployment);
        change(copy);
        return faultsOf(copy);
      };
      expect(broken((copy) => Object.assign(copy.spec, { replicas: 'many' }))).toEqual([
        expect.stringContaining('spec/replicas must be integer'),
      ]);
      expect(broken((copy) => Reflect.deleteProperty(copy.spec, 'selector'))).toEqual([
        expect.stringContaining("must have required property 'selector'".replaceAll("'", '')),
      ]);
      expect(broken((copy) => Object.assign(copy.spec.template.spec.containers[0], { imagee: 'x' }))).toEqual([
        '/spec/template/spec/containers/0/imagee: no schema knows this',
      ]);
      expect(broken((copy) => Object.assign(copy, { specc: {} }))).toEqual(['/specc: no schema knows this']);
    });

    test('of the overlays differ in the share of the rollout and in nothing else', () => {
      const shareOf = (objects: KubernetesObject[]) =>
        objectOf<typeof settings>(objects, 'ConfigMap', 'hedging-service').data.ENABLE_DISTRIBUTED_MANAGER;
      expect(overlays.map((overlay) => shareOf(rendered[overlay] as KubernetesObject[]))).toEqual([
        '10%',
        '50%',
        'true',
      ]);
      const rest = overlays.map((overlay) => {
        const objects = rendered[overlay] as KubernetesObject[];
        const { metadata, data } = objectOf<typeof settings>(objects, 'ConfigMap', 'hedging-service');
        const text = JSON.stringify(objects).replaceAll(metadata.name, 'hedging-service');
        return text.replace(JSON.stringify(data.ENABLE_DISTRIBUTED_MANAGER), '"share"');
      });
      expect(new Set(rest).size).toBe(1);
    });

    test('select what they mean: every selector matches the labels of its pods', () => {
      const redis = objectOf<Workload>(full, 'StatefulSet', 'redis');
      const labels = {
        'hedging-service': deployment.spec.template.metadata.labels,
        redis: redis.spec.template.metadata.labels,
      };
      expect(labels['hedging-service'].app).toBe('hedging-service');
      const selectors = selectorsIn(full);
      expect(selectors.length).toBeGreaterThanOrEqual(9);
      const lost = selectors.filter((selector) => !Object.values(labels).some((pod) => isMatch(selector, pod)));
      expect(lost).toEqual([]);
      const { spec } = objectOf<KubernetesObject & { spec: { selector: Selector } }>(
        full,
        'ServiceMonitor',
        'hedging-service',
      );
      const service = objectOf<KubernetesObject>(full, 'Service', 'hedging-service');
      expect(isMatch(spec.selector.matchLabels, service.metadata.labels ?? {})).toBe(true);
      expect(deployment.spec.replicas).toBe(70);
    });

    test('set what the service reads, and the service takes it', () => {
      const set = { ...settings.data, ...Object.fromEntries(container.env.map(({ name, value }) => [name, value])) };
      const source = ['src/hedging/environment.ts', 'src/hedging/access-variables.ts']
        .map((file) => readFileSync(file, 'utf8'))
        .join('\n');
      const unknown = Object.keys(set).filter((name) => !new RegExp(`^  ${name}:`, 'm').test(source));
      expect(unknown.filter((name) => name !== 'NODE_OPTIONS')).toEqual([]);
      expect(readEnvironment(set)).toMatchObject({
        hedging: { mode: 'distributed', leaseTtl: 120_000 },
        http: { host: '0.0.0.0', port: container.ports[0]?.containerPort },
      });
      expect(container.envFrom[0]?.configMapRef.name).toBe(settings.metadata.name);
    });

    test('hold no secret, but name the secrets that hold them', () => {
      const secrets = container.env.filter(({ name }) => /PASSWORD|KEY|TOKEN/.test(name));
      expect(secrets.map(({ name, value, valueFrom }) => [name, value, valueFrom?.secretKeyRef?.name])).toEqual(
        ['REDIS_PASSWORD', 'INTEGRITY_KEY', 'ADMIN_TOKEN'].map((name) => [name, undefined, 'hedging-service']),
      );
      expect(full.filter(({ kind }) => kind === 'Secret')).toEqual([]);
      expect(Object.keys(settings.data).filter((name) => /PASSWORD|KEY|TOKEN/.test(name))).toEqual([]);
    });

    test('give a pod more time to end than a handover takes at most (promise 7)', () => {
      const timing = Timing.parse({});
      const { seconds } = container.lifecycle.preStop.sleep;
      const leavingMs = 2 * 1_000; // two commands, each with the limit of small ones
      const handoverMs = timing.finishLimitMs + timing.leaseCommandLimitMs + leavingMs;
      expect(1_000 * pod.terminationGracePeriodSeconds).toBeGreaterThan(1_000 * seconds + handoverMs);
      expect(1_000 * seconds).toBeGreaterThan(0);
    });

    test('run a pod that may do nothing to its node, within its limits', () => {
      for (const { spec } of [deployment, objectOf<Workload>(full, 'StatefulSet', 'redis')]) {
        const { securityContext, containers, ...rest } = spec.template.spec;
        expect(securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
        expect(containers[0].securityContext).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        });
        expect(rest).toMatchObject({ automountServiceAccountToken: false });
      }
      expect(container.resources).toEqual({
        requests: { memory: '256Mi', cpu: '100m' },
        limits: { memory: '512Mi', cpu: '500m' },
      });
      const heapMb = Number(
        /--max-old-space-size=(\d+)/.exec(container.env.find(({ name }) => name === 'NODE_OPTIONS')?.value ?? '')?.[1],
      );
      expect(heapMb).toBeLessThan(0.75 * 512);
      const folder = container.env.find(({ name }) => name === 'BACKUP_FOLDER')?.value;
      expect(container.volumeMounts).toEqual([{ name: 'backup', mountPath: folder }]);
      expect(pod.volumes).toEqual([{ name: 'backup', emptyDir: { sizeLimit: '64Mi' } }]);
    });

    test('ask by name for a port that is there', () => {
      const names = container.ports.map(({ name }) => name);
      for (const probe of [container.startupProbe, container.livenessProbe, container.readinessProbe]) {
        expect(names).toContain(probe.httpGet.port);
      }
      expect([container.livenessProbe.httpGet.path, container.startupProbe.httpGet.path]).toEqual(['/livez', '/livez']);
      expect(container.readinessProbe.httpGet.path).toBe('/readyz');
    });
  });

function isMatch(selector: Record<string, string>, labels: Record<string, string>): boolean {
  return Object.entries(selector).every(([name, value]) => labels[name] === value);
}

/** Of pods; of namespaces there is nothing to match here, and an empty one means all. */
function selectorsIn(objects: readonly KubernetesObject[]): Record<string, string>[] {
  const found: Record<string, string>[] = [];
  const walk = (value: unknown, key: string) => {
    if (typeof value !== 'object' || value === null) return;
    const { matchLabels } = value as { matchLabels?: Record<string, string> };
    if (matchLabels && key !== 'namespaceSelector') found.push(matchLabels);
    for (const [name, child] of Object.entries(value)) walk(child, name);
  };
  for (const object of objects) {
    walk(object, '');
    if (object.kind === 'Service')
      found.push((object as unknown as { spec: { selector: Record<string, string> } }).spec.selector);
  }
  return found;
}
