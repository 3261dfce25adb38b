/** A server that has nothing but the dashboard, on a free loopback port: for the demo and for replays. */
import { createApp } from '../app.ts';
import { serveHttp } from '../serve-http.ts';
import { type DashboardParts, dashboardRoutes } from './routes.ts';

export type DashboardServer = Readonly<{ url: string; close(): Promise<void> }>;

/** @throws the system's error when the port can't be listened on */
export async function serveDashboard(parts: DashboardParts, port = 0): Promise<DashboardServer> {
  const host = '127.0.0.1';
  const app = createApp((error) => process.stderr.write(`The dashboard: ${error.stack ?? error.message}\n`));
  app.route('/', dashboardRoutes(parts));
  const http = await serveHttp({ host, port, app });
  return {
    url: `http://${host}:${http.port}/dashboard`,
    close: async () => {
      parts.feed?.close();
      await http.close();
    },
  };
}
