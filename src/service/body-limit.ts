/**
 * Bodies are short, and say how long they are before they come; what doesn't is not read.
 *
 * Hono's own limit reads such a body first, and for that makes a new `Request` of one that `@hono/node-server` made, which
 * only works when that has replaced Node's global `Request`: not in a process that isn't ours.
 */
import type { Context, MiddlewareHandler } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { Env } from './app.ts';

type Refuse = (context: Context<Env>, status: ContentfulStatusCode, sentence: string) => Response;

export function limitBody(mostBytes: number, refuse: Refuse): MiddlewareHandler<Env> {
  return async (context, next) => {
    if (context.req.header('transfer-encoding') !== undefined)
      return refuse(context, 411, 'Say how long the body is: send Content-Length.');
    if (Number(context.req.header('content-length') ?? 0) > mostBytes)
      return refuse(context, 413, `The body is longer than ${mostBytes} bytes.`);
    return next();
  };
}
