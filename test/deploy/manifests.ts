/** The manifests in `deploy/kubernetes` as a cluster would get them: rendered by kubectl, which needs none for that. */
import { execFileSync, spawnSync } from 'node:child_process';
import { parseAllDocuments } from 'yaml';

export const overlays = ['rollout-10', 'rollout-50', 'full'] as const;
export type Overlay = (typeof overlays)[number];

export type KubernetesObject = {
  apiVersion: string;
  kind: string;
  metadata: { name: string; labels?: Record<string, string> };
} & Record<string, unknown>;

/** 1.21 is the first that has a kustomize which knows folders among `resources`. Debian's own is older. */
export const hasKubectl = (() => {
  const { stdout } = spawnSync('kubectl', ['version', '--client', '--output=json'], { encoding: 'utf8' });
  const [, minor = '0'] = /"gitVersion": "v1\.(\d+)/.exec(stdout ?? '') ?? [];
  return Number(minor) >= 21;
})();

export function render(overlay: Overlay): KubernetesObject[] {
  return renderFolder(`deploy/kubernetes/overlays/${overlay}`);
}

export function renderFolder(folder: string): KubernetesObject[] {
  const text = execFileSync('kubectl', ['kustomize', folder], { encoding: 'utf8' });
  return parseAllDocuments(text).map((document) => document.toJS() as KubernetesObject);
}

/** The one object of this kind and name; a generated name has a hash behind it. */
export function objectOf<T>(objects: readonly KubernetesObject[], kind: string, name: string): T {
  const found = objects.filter((one) => one.kind === kind && one.metadata.name.replace(/-[a-z0-9]{10}$/, '') === name);
  if (found.length !== 1) throw new Error(`expected one ${kind} ${name}, found ${found.length}`);
  return found[0] as T;
}
