/** Pods in this one process on the memory store, for machines without Redis. None of them can be killed. */
import { join } from 'node:path';
import pino from 'pino';
import { createHedgingService, type HedgingOptions, type HedgingService } from '../../hedging/index.ts';
import type { Fleet } from './fleet.ts';
import { reportPod } from './pod-report.ts';
import { type FleetPod, Roster } from './roster.ts';

type Settings = Pick<HedgingOptions, 'ratesUrl' | 'termsUrl' | 'ratesRefreshInterval' | 'termsRefreshInterval'>;

export function localFleet({ settings, folder }: { settings: Settings; folder: string }): Fleet {
  const roster = new Roster();
  const services = new Map<FleetPod, HedgingService>();
  const destination = pino.destination({ dest: join(folder, 'pods.log'), sync: true });
  const logger = pino({ level: process.env.LOG_LEVEL || 'info' }, destination);

  const start = async () => {
    const pod = roster.add();
    const service = createHedgingService({
      ...settings,
      redis: 'memory:demo',
      logger: logger.child({ pod: pod.number }),
    });
    services.set(pod, service);
    const started = service.initialize();
    // Stopped before its first data came: that was asked for.
    started.catch(() => undefined);
    reports.set(
      pod,
      reportPod(service, (message) => roster.note(pod, message)),
    );
    roster.note(pod, { kind: 'ready' });
    return pod;
  };
  const reports = new Map<FleetPod, () => void>();

  const stop = async (pod: FleetPod) => {
    const service = services.get(pod);
    if (!service) return;
    services.delete(pod);
    pod.state = 'stopping';
    await service.shutdown();
    reports.get(pod)?.();
    roster.noteGone(pod);
  };

  return {
    roster,
    form: 'one process',
    startsAtATime: 1,
    start,
    stop,
    // Nothing of it outlives this process.
    endAtOnce: () => undefined,
  };
}
