/** A server that has nothing but the dashboard, on a free loopback port: for the demo and for replays. */
import { serveHttp } from '../http-server.ts';
import { type DashboardParts, dashboardRoutes } from './routes.ts';

export type DashboardServer = Readonly<{ url: string; close(): Promise<void> }>;

/** @throws the system's error when the port can't be listened on */
export async function serveDashboard(parts: DashboardParts, port = 0): Promise<DashboardServer> {
  const host = '127.0.0.1';
  const http = await serveHttp({ host, port, health: () => ({ status: 'ok' }), routes: dashboardRoutes(parts) });
  return {
    url: `http://${host}:${http.port}/dashboard`,
    close: async () => {
      parts.feed?.close();
      await http.close();
    },
  };
}
