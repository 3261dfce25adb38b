/**
 * The service's HTTP endpoints. So far `/health`: 200 for as long as the process works, degraded included, because
 * restarting a pod that still serves its data would help nobody.
 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Routes } from './dashboard/routes.ts';

export type Health = Readonly<Record<string, unknown>>;

export type HttpServer = Readonly<{ port: number; close(): Promise<void> }>;

/** @throws the system's error, e.g. EADDRINUSE, with the address in its message */
export async function serveHttp(options: {
  host: string;
  port: number;
  health: () => Health;
  /** Asked first; what it doesn't answer goes on. */
  routes?: Routes;
}): Promise<HttpServer> {
  const server = createServer(
    { requestTimeout: 10_000, headersTimeout: 5_000, maxHeaderSize: 8_192 },
    (request, response) => {
      if (options.routes?.(request, response)) return;
      const path = (request.url ?? '').split('?')[0];
      const isRead = request.method === 'GET' || request.method === 'HEAD';
      const isHealth = path === '/health' && isRead;
      const status = isHealth ? 200 : path === '/health' ? 405 : 404;
      const body = JSON.stringify(
        isHealth ? options.health() : { error: status === 405 ? 'use GET' : 'not found: try /health' },
      );
      response.writeHead(status, {
        'content-type': 'application/json; charset=utf-8',
        'content-length': Buffer.byteLength(body),
        'cache-control': 'no-store',
        ...(status === 405 && { allow: 'GET, HEAD' }),
      });
      response.end(request.method === 'HEAD' ? undefined : body);
    },
  );
  await listen(server, options.host, options.port);
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
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
