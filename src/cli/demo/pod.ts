/**
 * One pod process of the demo: the service exactly as `bellwether service` runs it, with reports to the parent.
 *
 * Ends with its parent: when the channel closes, whatever the reason, it hands over what it has and goes.
 */
import type { PodMessage, PodOrder } from './pod-report.ts';

/** A pod that can't end in order by then ends at once. */
const orphanLimitMs = 3_000;

let stop: () => Promise<void> = async () => process.exit(1);
let isStopped = false;

process.once('disconnect', () => {
  if (isStopped) return;
  setTimeout(() => process.exit(1), orphanLimitMs).unref();
  stop().then(
    () => process.exit(1),
    () => process.exit(1),
  );
});

// Loaded only now: until then a parent that goes would go unnoticed.
const [{ runService, stopOnSignals }, { ChartReport, inspectAt, reportPod }] = await Promise.all([
  import('../../hedging/run-service.ts'),
  import('./pod-report.ts'),
]);
const charts = new ChartReport(tell);
const relay = process.env[inspectAt];
const stately = relay
  ? await (await import('../../inspection/index.ts')).inspectWithStately({ url: relay })
  : undefined;
const running = await runService(process.env, {
  inspect: (event) => {
    charts.inspect(event);
    stately?.inspect.next?.(event);
  },
});
process.on('message', ({ areWanted }: PodOrder) => charts.want(areWanted, running.service));
stop = () => running.stop();
const stopReporting = reportPod(running.service, tell);
tell({ kind: 'ready' });
await stopOnSignals(running);
isStopped = true;
stopReporting();
stately?.stop();
// Not process.exit(): that everything is closed shows in the process ending by itself.
if (process.connected) process.disconnect();

function tell(message: PodMessage): void {
  // The parent may be gone at any moment: then there is nobody to tell.
  if (process.connected) process.send?.(message, undefined, {}, () => undefined);
}
