/**
 * The one server: an app on a port, with limits on what a stranger can make it hold and for how long.
 *
 * Non-guarantee: no TLS, no login. It stands inside the cluster; what faces others stands before it.
 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import type { App } from './app.ts';

export type HttpServer = Readonly<{ port: number; close(): Promise<void> }>;

const limits = {
  maxHeaderSize: 8_192,
  /** From the first byte to the end of the headers, and of the body. */
  headersTimeout: 5_000,
  requestTimeout: 10_000,
  /** Both are looked at so often; Node's own 30 s would be the real limit. */
  connectionsCheckingInterval: 1_000,
};
/** A connection on which nothing moves for so long is closed: a reader that takes nothing in, say. */
const idleLimitMs = 60_000;
/** Answers that are under way get so long to end when the server closes. */
const closeLimitMs = 2_000;

/** @throws the system's error, e.g. EADDRINUSE, with the address in its message */
export async function serveHttp({ host, port, app }: { host: string; port: number; app: App }): Promise<HttpServer> {
  const server = createServer(limits, requestListenerOf(app));
  server.setTimeout(idleLimitMs);
  await listen(server, host, port);
  return { port: (server.address() as AddressInfo).port, close: () => close(server) };
}

/** Of Node's own kind, for any server. What is no request at all is answered by one sentence, too. */
export function requestListenerOf(app: App): ReturnType<typeof getRequestListener> {
  return getRequestListener((request, env) => app.fetch(request, env as Parameters<App['fetch']>[1]), {
    // A host name that is missing is no fault of a probe.
    hostname: 'localhost',
    // The user's process is not ours: its Request and Response stay as they are.
    overrideGlobalObjects: false,
    errorHandler: () => Response.json({ error: 'This is no request that could be read.' }, { status: 400 }),
  });
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** Takes no more connections, ends the idle ones, and lets what is under way end. */
function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => server.closeAllConnections(), closeLimitMs);
    server.close(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
