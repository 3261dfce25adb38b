/** `/metrics`, as Prometheus asks for it. */
import { Hono } from 'hono';
import type { Env } from './app.ts';
import type { AnyRegistry } from './metrics/collect-metrics.ts';

export function metricsRoute(registry: AnyRegistry): Hono<Env> {
  const routes = new Hono<Env>();
  routes.get('/metrics', async (context) =>
    context.body(await registry.metrics(), 200, { 'content-type': registry.contentType }),
  );
  return routes;
}
