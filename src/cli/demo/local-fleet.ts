/** Pods in this one process on the memory store, for machines without Redis. None of them can be killed. */
import { join } from 'node:path';
import pino from 'pino';
import { createHedgingService, type HedgingOptions, type HedgingService } from '../../hedging/index.ts';
import type { Fleet } from './fleet.ts';
import { ChartReport, reportPod } from './pod-report.ts';
import { type FleetPod, Roster } from './roster.ts';

type Settings = Pick<HedgingOptions, 'ratesUrl' | 'termsUrl' | 'ratesRefreshInterval' | 'termsRefreshInterval'>;

export function localFleet({ settings, folder }: { settings: Settings; folder: string }): Fleet {
  const roster = new Roster();
  const services = new Map<FleetPod, HedgingService>();
  const destination = pino.destination({ dest: join(folder, 'pods.log'), sync: true });
  const logger = pino({ level: process.env.LOG_LEVEL || 'info' }, destination);

  const start = async () => {
    const pod = roster.add();
    const charts = new ChartReport((message) => roster.note(pod, message));
    const service = createHedgingService({
      ...settings,
      inspect: charts.inspect,
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
    chartsOfPods.set(pod, charts);
    charts.want(areChartsWanted, service);
    return pod;
  };
  const reports = new Map<FleetPod, () => void>();

  const chartsOfPods = new Map<FleetPod, ChartReport>();
  let areChartsWanted = false;

  const stop = async (pod: FleetPod) => {
    const service = services.get(pod);
    if (!service) return;
    services.delete(pod);
    pod.state = 'stopping';
    await service.shutdown();
    reports.get(pod)?.();
    chartsOfPods.delete(pod);
    roster.noteGone(pod);
  };

  return {
    roster,
    form: 'one process',
    startsAtATime: 1,
    start,
    stop,
    wantCharts: (areWanted) => {
      areChartsWanted = areWanted;
      for (const [pod, service] of services) chartsOfPods.get(pod)?.want(areWanted, service);
    },
    // Nothing of it outlives this process.
    endAtOnce: () => undefined,
  };
}
