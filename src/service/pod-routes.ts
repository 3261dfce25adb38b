/** `/livez`, `/readyz`, `/health`, `/version`, `/revision`: how a pod is and what it holds. Reads only, never I/O. */
import { Hono } from 'hono';
import { etag } from 'hono/etag';
import type { Env } from './app.ts';
import { ownVersion } from './own-version.ts';
import type { PodHealth, Verdict, WatchedPod } from './pod-health.ts';
import { entityTag } from './revision-headers.ts';

/** Of the user's service, told by `/version`. */
export type ServiceInfo = Readonly<{ name: string; version: string }>;

type Parts = Readonly<{ pod: WatchedPod; health: PodHealth; service?: ServiceInfo | undefined }>;

export function podRoutes({ pod, health, service }: Parts): Hono<Env> {
  const routes = new Hono<Env>();
  const answer = (verdict: Verdict) =>
    verdict.holds ? { status: 'ok' } : { status: 'failed', reasons: verdict.reasons };
  routes.get('/livez', (context) => {
    const verdict = health.liveness();
    return context.json(answer(verdict), verdict.holds ? 200 : 503);
  });
  routes.get('/readyz', (context) => {
    const verdict = health.readiness();
    return context.json(answer(verdict), verdict.holds ? 200 : 503);
  });
  routes.get('/health', (context) => context.json(health.detail(), health.liveness().holds ? 200 : 503));
  routes.get('/version', (context) => context.json({ bellwether: ownVersion(), ...(service && { service }) }));
  routes.get('/revision', etag(), (context) => {
    const versions = Object.keys(pod.lookAtPod().datasets).map((name) => {
      const { revision, epoch, podId, updatedAt } = pod.version(name);
      return [name, { revision, epoch, podId, updatedAt }] as const;
    });
    const revision = versions.reduce((sum, [, { revision: own }]) => sum + own, 0);
    context.header('etag', entityTag(...versions.map(([, version]) => version)));
    context.header('cache-control', 'no-cache');
    return context.json({ revision, datasets: Object.fromEntries(versions) });
  });
  return routes;
}
