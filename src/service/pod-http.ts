/**
 * A pod's routes for a server of the user's own: health, version, revision, metrics and, with a token, what an operator
 * may ask. Express and anything that takes `(request, response, next)`: `app.use(http.middleware)`; Fastify:
 * `app.register(http.fastify)`; anything that takes a `Request`: `http.fetch(request)`.
 *
 * What isn't one of these paths is left to the server. Limits on headers, bodies and time are the server's business.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { BellwetherError } from '../index.ts';
import { adminRoutes, shortestToken } from './admin-routes.ts';
import { type App, createApp, type OnFailure } from './app.ts';
import { type AnyRegistry, collectMetrics } from './metrics/collect-metrics.ts';
import { metricsRoute } from './metrics-route.ts';
import { PodHealth, type WatchedPod } from './pod-health.ts';
import { podRoutes, type ServiceInfo } from './pod-routes.ts';
import { requestListenerOf } from './serve-http.ts';

export type PodHttpOptions = Readonly<{
  /** Whose metrics `/metrics` shows; Bellwether's are added to it. Default: one of its own. `false`: no metrics. */
  registry?: AnyRegistry | false | undefined;
  /** At least 16 characters. Without it there are no administrative routes. */
  adminToken?: string | undefined;
  /** Of your service, told by `/version`. */
  service?: ServiceInfo | undefined;
  /** Told of errors in answering. Default: standard error. */
  onFailure?: OnFailure;
}>;

export type PodHttp = Readonly<{
  middleware: (request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void) => void;
  fastify: (server: FastifyServer) => Promise<void>;
  fetch: (request: Request) => Response | Promise<Response>;
  health: PodHealth;
  /** For more routes beside them. */
  app: App;
  /** From here on `/readyz` fails; everything else goes on. Stopping the manager does the same. */
  drain(): void;
  /** Stops counting. */
  close(): void;
}>;

/** As much of Fastify as is needed. */
export type FastifyServer = {
  readonly prefix: string;
  route(route: {
    method: string[];
    url: string;
    handler: (request: { raw: IncomingMessage }, reply: { hijack(): unknown; raw: ServerResponse }) => void;
  }): unknown;
};

/** @throws BellwetherError `configuration` for a token that is too short, or a registry that is taken */
export function createPodHttp(pod: WatchedPod, options: PodHttpOptions = {}): PodHttp {
  const { registry, adminToken, service, onFailure = toStandardError } = options;
  if (adminToken !== undefined && adminToken.length < shortestToken)
    throw new BellwetherError('configuration', `adminToken: expected at least ${shortestToken} characters.`);
  const health = new PodHealth(pod);
  const app = createApp(onFailure);
  app.route('/', podRoutes({ pod, health, service }));
  const metrics = registry === false ? undefined : collectMetrics(pod, { health, ...(registry && { registry }) });
  if (metrics) app.route('/', metricsRoute(metrics.registry));
  if (adminToken !== undefined) app.route('/', adminRoutes(pod, adminToken));
  const listener = requestListenerOf(app);
  let paths: string[] | undefined;
  return {
    middleware: (request, response, next) => {
      // At the first request: until then there may be more.
      paths ??= pathsOf(app);
      if (isOneOf(paths, request.url ?? '')) void listener(request, response);
      else next();
    },
    fastify: async (server) => mountInFastify(app, listener, server),
    fetch: (request) => app.fetch(request),
    health,
    app,
    drain: () => health.drain(),
    close: () => {
      metrics?.stop();
      health.close();
    },
  };
}

type Listener = ReturnType<typeof requestListenerOf>;

/** The paths that are answered, as Hono and Fastify write them: `/admin/refresh/:dataset`. */
function pathsOf(app: App): string[] {
  return [...new Set(app.routes.filter(({ method }) => method !== 'ALL').map(({ path }) => path))];
}

function isOneOf(paths: readonly string[], url: string): boolean {
  const parts = url.replace(/[?#].*$/, '').split('/');
  return paths.some((path) => {
    const own = path.split('/');
    return own.length === parts.length && own.every((part, index) => part.startsWith(':') || part === parts[index]);
  });
}

function mountInFastify(app: App, listener: Listener, server: FastifyServer): void {
  const prefix = server.prefix.replace(/\/$/, '');
  for (const url of pathsOf(app)) {
    server.route({
      method: url.startsWith('/admin/') ? ['POST'] : ['GET', 'HEAD'],
      url,
      handler: (request, reply) => {
        reply.hijack();
        // Express takes the prefix off, Fastify leaves it on.
        request.raw.url = (request.raw.url ?? '').slice(prefix.length);
        void listener(request.raw, reply.raw);
      },
    });
  }
}

function toStandardError(error: Error): void {
  process.stderr.write(`bellwether/http: ${error.stack ?? error.message}\n`);
}
