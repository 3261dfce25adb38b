/** What deploy/kubernetes says about a pod and its Redis, for a run without a cluster. */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';

const folder = 'deploy/kubernetes';

const Probe = z.object({
  httpGet: z.object({ path: z.string() }),
  periodSeconds: z.number(),
  timeoutSeconds: z.number().default(1),
  failureThreshold: z.number(),
});
export type Probe = z.infer<typeof Probe>;

const Container = z.object({
  env: z.array(z.object({ name: z.string(), value: z.string().optional(), valueFrom: z.unknown().optional() })),
  resources: z.object({ limits: z.object({ memory: z.string().regex(/^\d+Mi$/) }) }),
  startupProbe: Probe,
  livenessProbe: Probe,
  readinessProbe: Probe,
  lifecycle: z.object({ preStop: z.object({ sleep: z.object({ seconds: z.number() }) }) }),
});
const Deployment = z.object({
  spec: z.object({
    template: z.object({
      spec: z.object({
        terminationGracePeriodSeconds: z.number(),
        securityContext: z.object({ runAsUser: z.number(), runAsGroup: z.number() }),
        containers: z.tuple([Container]),
      }),
    }),
  }),
});
const Kustomization = z.object({
  configMapGenerator: z.array(z.object({ name: z.string(), literals: z.array(z.string()) })),
});

const read = <Schema extends z.ZodType>(schema: Schema, file: string): z.output<Schema> =>
  schema.parse(parse(readFileSync(`${folder}/${file}`, 'utf8')));

function literals(file: string): [string, string][] {
  const { configMapGenerator } = read(Kustomization, file);
  return configMapGenerator
    .filter(({ name }) => name === 'hedging-service')
    .flatMap((one) => one.literals)
    .map((literal) => [literal.slice(0, literal.indexOf('=')), literal.slice(literal.indexOf('=') + 1)]);
}

const pod = read(Deployment, 'base/deployment.yaml').spec.template.spec;
const [container] = pod.containers;

/** Those that a secret fills are left out. */
const ofContainer = container.env.flatMap(({ name, value }): [string, string][] =>
  value === undefined ? [] : [[name, value]],
);

/** As the overlay `full` deploys it. */
export const manifest = {
  environment: Object.fromEntries([
    ...literals('base/kustomization.yaml'),
    ...literals('overlays/full/kustomization.yaml'),
    ...ofContainer,
  ]),
  user: { uid: pod.securityContext.runAsUser, gid: pod.securityContext.runAsGroup },
  graceSeconds: pod.terminationGracePeriodSeconds,
  preStopSeconds: container.lifecycle.preStop.sleep.seconds,
  memoryLimitMb: Number.parseInt(container.resources.limits.memory, 10),
  startup: container.startupProbe,
  liveness: container.livenessProbe,
  readiness: container.readinessProbe,
} as const;

/** Where the container has them: another folder takes their place. */
const ofRedisContainer = ['aclfile', 'dir'];

/** `redis.conf` as arguments of redis-server. */
export function redisArguments(): string[] {
  return readFileSync(`${folder}/base/redis/redis.conf`, 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(' '))
    .filter(([name]) => !ofRedisContainer.includes(name ?? ''))
    .flatMap(([name, ...values]) => [`--${name}`, ...values.map((value) => (value === '""' ? '' : value))]);
}
