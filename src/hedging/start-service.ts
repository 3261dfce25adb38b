/** The service put together: settings from the environment; health, metrics, the data and `/dashboard` on one port. */
import pino, { type Logger } from 'pino';
import { collectDefaultMetrics, Registry } from 'prom-client';
import type { InspectionEvent, Observer } from 'xstate';
import { logDestination } from '../index.ts';
import { ServiceDashboard } from '../service/dashboard/service-dashboard.ts';
import { createPodHttp } from '../service/pod-http.ts';
import { type HttpServer, serveHttp } from '../service/serve-http.ts';
import { readEnvironment } from './environment.ts';
import { hedgingRoutes } from './routes.ts';
import { createHedgingService, type HedgingService } from './service.ts';

export type RunningService = Readonly<{ service: HedgingService; http: HttpServer; stop(): Promise<void> }>;

/** Nobody inspects unless somebody asks for it: each observer costs. */
export type RunOptions = Readonly<{
  /** An observer, or `dashboard`: its charts then show each transition that is taken. */
  inspect?: Observer<InspectionEvent> | ((event: InspectionEvent) => void) | 'dashboard';
}>;

/**
 * Starts everything and returns at once; data may come later, `/readyz` tells.
 *
 * @throws BellwetherError `configuration`; the system's error when the port can't be listened on
 */
export async function startService(
  environment: Readonly<Record<string, string | undefined>>,
  { inspect }: RunOptions = {},
): Promise<RunningService> {
  const settings = readEnvironment(environment);
  const logger = pino({ level: settings.logLevel }, logDestination());
  const dashboard = new ServiceDashboard('Bellwether: hedging');
  const observer = inspect === 'dashboard' ? dashboard.inspect : inspect;
  const service = createHedgingService({ ...settings.hedging, logger, ...(observer && { inspect: observer }) });
  dashboard.attach(service.manager);
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const pod = createPodHttp(service.manager, {
    registry,
    ...(settings.adminToken !== undefined && { adminToken: settings.adminToken }),
    onFailure: (error) => logger.error({ err: error }, '[DistributedManager] An answer failed'),
  });
  pod.app.route('/', hedgingRoutes(service));
  pod.app.route('/', dashboard.routes);
  const http = await serveHttp({ ...settings.http, app: pod.app });
  logger.info(
    { port: http.port, mode: settings.hedging.mode },
    `[DistributedManager] Listening on ${settings.http.host}:${http.port}`,
  );
  start(service, logger);
  const stop = async () => {
    // First of all no new readers; those that are there are answered to the end.
    pod.drain();
    await service.shutdown();
    dashboard.close();
    await http.close();
    pod.close();
  };
  return { service, http, stop };
}

function start(service: HedgingService, logger: Logger): void {
  service.initialize().catch((error: unknown) => {
    // Stopped before the first data came: that is the end the signal asked for.
    if ((error as { code?: unknown }).code !== 'stopped')
      logger.error({ err: error }, '[DistributedManager] Start failed');
  });
}
