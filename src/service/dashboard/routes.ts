/**
 * The dashboard's part of a server: `/dashboard` and what stands below it. Reads only, unless faults are offered.
 *
 * Faults are offered by the demo alone. A page from elsewhere can't do one: the request must come as JSON, which a
 * browser asks about first, and to this very host.
 */

import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { type Context, Hono } from 'hono';
import { z } from 'zod';
import { PodId } from '../../../machines/index.ts';
import type { Env } from '../app.ts';
import { limitBody } from '../body-limit.ts';
import type { About, InjectFault } from './about.ts';
import type { DashboardFeed } from './feed.ts';
import { type DashboardPage, readPage } from './page.ts';

export type DashboardParts = Readonly<{
  about: About;
  /** Of a live fleet. */
  feed?: DashboardFeed;
  /** Of a replay: the text of the file. */
  trace?: string;
  injectFault?: InjectFault;
}>;

const mostBodyBytes = 1_000;

const Fault = z.object({ podId: PodId.optional() });

export function dashboardRoutes({ about, feed, trace, injectFault }: DashboardParts): Hono<Env> {
  const routes = new Hono<Env>();
  let page: DashboardPage | undefined;
  routes.get('/dashboard', (context) => {
    page ??= readPage();
    return answerPage(page, context);
  });
  routes.get('/dashboard/about', (context) => context.json(about));
  if (feed) {
    routes.get('/dashboard/events', (context) => {
      if (context.req.method === 'HEAD') return context.body(null, 200, { 'content-type': 'text/event-stream' });
      feed.watch(context.env.outgoing);
      return RESPONSE_ALREADY_SENT;
    });
  }
  if (trace !== undefined) routes.get('/dashboard/trace', (context) => context.text(trace));
  if (injectFault) {
    const limit = limitBody(mostBodyBytes, (context, status, sentence) => context.json({ sentence }, status));
    routes.post('/dashboard/faults/:name', limit, (context) => answerFault(about, injectFault, context));
  }
  return routes;
}

function answerPage({ html, gzipped, policy }: DashboardPage, context: Context<Env>): Response {
  const isGzip = /\bgzip\b/.test(context.req.header('accept-encoding') ?? '');
  return context.body(Uint8Array.from(isGzip ? gzipped : html), 200, {
    'content-type': 'text/html; charset=utf-8',
    ...(isGzip && { 'content-encoding': 'gzip' }),
    vary: 'accept-encoding',
    'cache-control': 'no-cache',
    'content-security-policy': policy,
  });
}

async function answerFault(about: About, injectFault: InjectFault, context: Context<Env>): Promise<Response> {
  try {
    const refusal = refusalOf(context);
    if (refusal) return context.json({ sentence: refusal }, 403);
    const name = context.req.param('name') ?? '';
    const fault = about.faults.find((offered) => offered.name === name);
    if (!fault) return context.json({ sentence: `There is no fault "${name}".` }, 404);
    const { podId } = Fault.parse(JSON.parse((await context.req.text()) || '{}'));
    if (fault.needsPod && podId === undefined) return context.json({ sentence: 'Choose a pod first.' }, 400);
    return context.json({ sentence: await injectFault(name, podId) });
  } catch (error) {
    return context.json({ sentence: `That could not be done: ${(error as Error).message}` }, 400);
  }
}

/** Pages of other sites, and other names for this host (DNS rebinding), may not do anything here. */
function refusalOf({ req }: Context<Env>): string | undefined {
  if (!/^application\/json\b/.test(req.header('content-type') ?? '')) return 'Send JSON.';
  const host = req.header('host') ?? '';
  if (!/^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/.test(host)) return 'Only from this machine.';
  const origin = req.header('origin');
  return origin === undefined || origin === `http://${host}` ? undefined : 'Only from this page.';
}
