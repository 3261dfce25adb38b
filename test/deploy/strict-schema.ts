/**
 * Objects of Kubernetes against their schemas, offline: `kubernetes-models` has the schemas, compiled. They pass over
 * what they don't know, as a JSON schema does; here a key that no schema ever looks at (`imagee:`) is a fault.
 */
import { ServiceMonitor } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1';
import { Deployment, StatefulSet } from 'kubernetes-models/apps/v1';
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1';
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1';
import { ConfigMap, Service } from 'kubernetes-models/v1';
import type { KubernetesObject } from './manifests.ts';

type Model = { validate(): void };
const models = [Deployment, StatefulSet, Service, ConfigMap, PodDisruptionBudget, NetworkPolicy, ServiceMonitor].map(
  (model) => model as unknown as { kind: string; apiVersion: string; new (data: unknown): Model },
);

/** Every fault, a line each. */
export function faultsOf(object: KubernetesObject): string[] {
  const Model = models.find(({ kind, apiVersion }) => kind === object.kind && apiVersion === object.apiVersion);
  if (!Model) return [`${object.apiVersion} ${object.kind}: there is no schema at hand`];
  const seen = new Set<string>();
  const { validate } = Model.prototype as Model;
  try {
    validate.call(watched(new Model(object), '', seen) as Model);
  } catch (error) {
    return [(error as Error).message];
  }
  return pathsOf(object, '')
    .filter((path) => !seen.has(path))
    .map((path) => `${path}: no schema knows this`);
}

/** Notes the path of everything that is read. */
function watched(value: object, path: string, seen: Set<string>): object {
  return new Proxy(value, {
    get(target, key, receiver) {
      const child: unknown = Reflect.get(target, key, receiver);
      if (typeof key === 'symbol') return child;
      const childPath = `${path}/${key}`;
      seen.add(childPath);
      return typeof child === 'object' && child !== null ? watched(child, childPath, seen) : child;
    },
  });
}

function pathsOf(value: unknown, path: string): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, child]) => [`${path}/${key}`, ...pathsOf(child, `${path}/${key}`)]);
}
