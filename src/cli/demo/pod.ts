/**
 * One pod process of the demo: the service exactly as `bellwether service` runs it, with reports to the parent.
 *
 * Ends with its parent: when the channel closes, whatever the reason, it hands over what it has and goes.
 */
import type { PodMessage } from './pod-report.ts';

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
const [{ runService, stopOnSignals }, { reportPod }] = await Promise.all([
  import('../../hedging/run-service.ts'),
  import('./pod-report.ts'),
]);
const running = await runService(process.env);
stop = () => running.stop();
const stopReporting = reportPod(running.service, tell);
tell({ kind: 'ready' });
await stopOnSignals(running);
isStopped = true;
stopReporting();
// Not process.exit(): that everything is closed shows in the process ending by itself.
if (process.connected) process.disconnect();

function tell(message: PodMessage): void {
  // The parent may be gone at any moment: then there is nobody to tell.
  if (process.connected) process.send?.(message, undefined, {}, () => undefined);
}
