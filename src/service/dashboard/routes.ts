/**
 * The dashboard's part of an HTTP server: `/dashboard` and what stands below it. Reads only, unless faults are offered.
 *
 * Faults are offered by the demo alone. A page from elsewhere can't do one: the request must come as JSON, which a
 * browser asks about first, and to this very host.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import { PodId } from '../../../machines/index.ts';
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

/** Answers what is the dashboard's, and says whether it was. */
export type Routes = (request: IncomingMessage, response: ServerResponse) => boolean;

const root = '/dashboard';
const mostBodyBytes = 1_000;

const Fault = z.object({ podId: PodId.optional() });

export function dashboardRoutes(parts: DashboardParts): Routes {
  let page: DashboardPage | undefined;
  return (request, response) => {
    const path = (request.url ?? '').split('?')[0] ?? '';
    if (path !== root && !path.startsWith(`${root}/`)) return false;
    const name = path.slice(root.length + 1);
    if (name.startsWith('faults/') && parts.injectFault) {
      void answerFault(parts, name.slice('faults/'.length), request, response);
      return true;
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      sendJson(response, 405, { error: 'use GET' }, { allow: 'GET, HEAD' });
    } else if (path === root) {
      page ??= readPage();
      sendPage(page, request, response);
    } else if (name === 'about') sendJson(response, 200, parts.about);
    else if (name === 'events' && parts.feed && request.method === 'GET') parts.feed.watch(response);
    else if (name === 'trace' && parts.trace !== undefined) sendText(response, parts.trace);
    else sendJson(response, 404, { error: `not found: try ${root}` });
    return true;
  };
}

function sendPage({ html, gzipped, policy }: DashboardPage, request: IncomingMessage, response: ServerResponse): void {
  const isGzip = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''));
  const body = isGzip ? gzipped : html;
  response.writeHead(200, {
    'content-type': 'text/html; charset=utf-8',
    'content-length': body.byteLength,
    ...(isGzip && { 'content-encoding': 'gzip' }),
    vary: 'accept-encoding',
    'cache-control': 'no-cache',
    'content-security-policy': policy,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}

async function answerFault(
  { about, injectFault }: DashboardParts,
  name: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const refusal = refusalOf(request);
    if (refusal) return sendJson(response, 403, { sentence: refusal });
    const fault = about.faults.find((offered) => offered.name === name);
    if (!fault) return sendJson(response, 404, { sentence: `There is no fault "${name}".` });
    const { podId } = Fault.parse(JSON.parse(await bodyOf(request)));
    if (fault.needsPod && podId === undefined) return sendJson(response, 400, { sentence: 'Choose a pod first.' });
    sendJson(response, 200, { sentence: (await injectFault?.(name, podId)) ?? '' });
  } catch (error) {
    sendJson(response, 400, { sentence: `That could not be done: ${(error as Error).message}` });
  }
}

/** Pages of other sites, and other names for this host (DNS rebinding), may not do anything here. */
function refusalOf({ method, headers }: IncomingMessage): string | undefined {
  if (method !== 'POST') return 'Use POST.';
  if (!/^application\/json\b/.test(headers['content-type'] ?? '')) return 'Send JSON.';
  const host = headers.host ?? '';
  if (!/^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/.test(host)) return 'Only from this machine.';
  return headers.origin === undefined || headers.origin === `http://${host}` ? undefined : 'Only from this page.';
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.byteLength;
    if (bytes > mostBodyBytes) throw new Error('the request is too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString() || '{}';
}

function sendJson(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  response
    .writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store', ...headers })
    .end(JSON.stringify(body));
}

function sendText(response: ServerResponse, text: string): void {
  response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' }).end(text);
}
