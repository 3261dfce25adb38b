/**
 * What every answer of ours has in common: one JSON sentence when something can't be had, headers that let a browser do
 * nothing with it, and no word about what serves it. Routes are mounted on it with `app.route('/', …)`.
 */
import type { HttpBindings } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { methodNotAllowed } from 'hono/method-not-allowed';
import type { ContentfulStatusCode } from 'hono/utils/http-status';

export type Env = { Bindings: HttpBindings };
export type App = Hono<Env>;

/** Told of what went wrong in us while we answered; whoever asked is told no more than that. */
export type OnFailure = (error: Error) => void;

/** What isn't set by a route itself. Answers are for programs; the dashboard's page has a policy of its own. */
const safeHeaders = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
} as const;

export function createApp(onFailure: OnFailure): App {
  const app: App = new Hono();
  app.use(async (context, next) => {
    await next();
    // Taken over by the dashboard's stream: what it sent is sent.
    if (context.env?.outgoing?.headersSent) return;
    for (const [name, value] of Object.entries(safeHeaders))
      if (!context.res.headers.has(name)) context.header(name, value);
  });
  app.use(
    methodNotAllowed({
      app,
      onMethodNotAllowed: (context, methods) => {
        const allowed = methods.join(', ');
        return sentence(context, 405, `This answers to ${allowed} only.`, { allow: allowed });
      },
    }),
  );
  app.notFound((context) => sentence(context, 404, 'There is nothing here: /health tells how this pod is.'));
  app.onError((error, context) => {
    if (error instanceof HTTPException) return error.getResponse();
    onFailure(error);
    return sentence(context, 500, 'This answer failed, and the log of this pod says why.');
  });
  return app;
}

/** An answer that says in one sentence why there is no other. */
export function sentence<E extends object>(
  context: Context<E & Env>,
  status: ContentfulStatusCode,
  error: string,
  headers: Record<string, string> = {},
): Response {
  return context.json({ error }, status, headers);
}
