/**
 * What an operator may ask of a fleet over HTTP: `POST /admin/refresh/:dataset` and `POST /admin/step-down`.
 *
 * Off unless there is a token. Guarantee: nothing is done without it, and comparing takes equally long for every wrong
 * one. Non-guarantee: who the operator is; whoever has the token may. The budget of source calls holds here, too.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { Hono } from 'hono';
import { bearerAuth } from 'hono/bearer-auth';
import type { RefreshResult } from '../../machines/index.ts';
import { type Env, sentence } from './app.ts';
import { limitBody } from './body-limit.ts';
import type { WatchedPod } from './pod-health.ts';

/** Shorter ones can be guessed. */
export const shortestToken = 16;
const mostBodyBytes = 1_024;
const answerLimit = '10s';

const refreshStatuses = { published: 200, unchanged: 200, overBudget: 429, failed: 502, noLeader: 503 } as const;
const stepDownStatuses = { steppedDown: 200, alone: 409, notNow: 409, noLeader: 503 } as const;

export function adminRoutes(pod: WatchedPod, token: string): Hono<Env> {
  const routes = new Hono<Env>();
  routes.use('/admin/*', limitBody(mostBodyBytes, sentence));
  routes.use('/admin/*', onlyWith(token));
  routes.post('/admin/refresh/:dataset', async (context) => {
    const dataset = context.req.param('dataset');
    const names = Object.keys(pod.lookAtPod().datasets);
    if (!names.includes(dataset))
      return sentence(context, 404, `There is no such dataset: this pod has ${names.join(', ')}.`);
    const result = await pod.refresh(dataset, { timeout: answerLimit });
    return context.json(result, refreshStatuses[result.outcome], retryAfter(result));
  });
  routes.post('/admin/step-down', async (context) => {
    const result = await pod.stepDown({ timeout: answerLimit });
    return context.json(result, stepDownStatuses[result.outcome]);
  });
  return routes;
}

function onlyWith(token: string) {
  const digest = digestOf(token);
  return bearerAuth({
    verifyToken: (given) => timingSafeEqual(digestOf(given), digest),
    noAuthenticationHeader: { message: { error: 'Send the header "Authorization: Bearer <token>".' } },
    invalidAuthenticationHeader: { message: { error: 'Send the header "Authorization: Bearer <token>".' } },
    invalidToken: { message: { error: 'This is not the token.' } },
  });
}

/** Of equal length whatever was sent, so that they can be compared. */
function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

function retryAfter({ retryAfterMs }: RefreshResult): Record<string, string> {
  return retryAfterMs === undefined ? {} : { 'retry-after': String(Math.ceil(retryAfterMs / 1_000)) };
}
