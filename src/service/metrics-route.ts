/** `/metrics`, as Prometheus asks for it. */
import { Hono } from 'hono';
import type { Registry } from 'prom-client';
import type { Env } from './app.ts';

export function metricsRoute(registry: Registry): Hono<Env> {
  const routes = new Hono<Env>();
  routes.get('/metrics', async (context) =>
    context.body(await registry.metrics(), 200, { 'content-type': registry.contentType }),
  );
  return routes;
}
