/**
 * The service as a process: settings from the environment, `/health` and `/dashboard`, and a graceful end on SIGTERM or
 * SIGINT.
 */
import pino from 'pino';
import type { InspectionEvent, Observer } from 'xstate';
import { logDestination } from '../index.ts';
import { ServiceDashboard } from '../service/dashboard/service-dashboard.ts';
import { type HttpServer, serveHttp } from '../service/http-server.ts';
import { readEnvironment } from './environment.ts';
import { createHedgingService, type HedgingService } from './service.ts';

export type RunningService = Readonly<{ service: HedgingService; http: HttpServer; stop(): Promise<void> }>;

/** Nobody inspects unless somebody asks for it: each observer costs. */
export type RunOptions = Readonly<{
  /** An observer, or `dashboard`: its charts then show each transition that is taken. */
  inspect?: Observer<InspectionEvent> | ((event: InspectionEvent) => void) | 'dashboard';
}>;

/**
 * Starts everything and returns at once; data may come later, `/health` tells.
 *
 * @throws BellwetherError `configuration`; the system's error when the port can't be listened on
 */
export async function runService(
  environment: Readonly<Record<string, string | undefined>>,
  { inspect }: RunOptions = {},
): Promise<RunningService> {
  const settings = readEnvironment(environment);
  const logger = pino({ level: settings.logLevel }, logDestination());
  const dashboard = new ServiceDashboard('Bellwether: hedging');
  const observer = inspect === 'dashboard' ? dashboard.inspect : inspect;
  const service = createHedgingService({ ...settings.hedging, logger, ...(observer && { inspect: observer }) });
  dashboard.attach(service.manager);
  const http = await serveHttp({
    ...settings.http,
    health: () => healthOf(service),
    routes: dashboard.routes,
  });
  logger.info(
    { port: http.port, mode: settings.hedging.mode },
    `[DistributedManager] Listening on ${settings.http.host}:${http.port}`,
  );
  const started = service.initialize();
  started.catch((error: unknown) => {
    // Stopped before the first data came: that is the end the signal asked for.
    if ((error as { code?: unknown }).code !== 'stopped')
      logger.error({ err: error }, '[DistributedManager] Start failed');
  });
  const stop = async () => {
    await service.shutdown();
    dashboard.close();
    await http.close();
  };
  return { service, http, stop };
}

function healthOf({ manager }: HedgingService) {
  const { failure, fleet } = manager.actor.getSnapshot().context;
  return {
    status: manager.role() === 'degraded' ? 'degraded' : 'ok',
    podId: manager.podId,
    role: manager.role(),
    isLeader: manager.isLeader(),
    leader: manager.leader(),
    fleetSize: fleet.size,
    redis: failure ? { failure } : { failure: null },
    datasets: { rates: manager.version('rates'), terms: manager.version('terms') },
  };
}

/** SIGTERM and SIGINT stop the service; asked twice, it hurries. Resolves when everything is closed. */
export function stopOnSignals(running: RunningService): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => running.stop().then(resolve, reject);
    process.on('SIGTERM', stop);
    process.on('SIGINT', stop);
  });
}
