/** The process behind `PodProcess`: one manager with one dataset from an HTTP API, reporting over IPC. */
import { z } from 'zod';
import { createDataManager, httpSource } from '../../src/index.ts';
import type { PodCommand, PodReply, PodSettings } from './pod-process.ts';

const settings = JSON.parse(process.env.POD ?? '{}') as PodSettings;
const Rates = z
  .looseObject({ day: z.string() })
  .refine((rates) => !settings.requiredKey || settings.requiredKey in rates, `needs the key ${settings.requiredKey}`);

const manager = createDataManager({
  namespace: settings.namespace ?? 'test',
  redis: settings.redis,
  podId: settings.podId,
  logger: false,
  ...(settings.leaseTtl && { leaseTtl: settings.leaseTtl }),
  ...(settings.timing && { timing: settings.timing }),
  datasets: {
    rates: {
      schema: Rates,
      source: httpSource({ url: settings.url, headers: { 'x-pod': settings.podId }, timeLimit: '2s' }),
      refreshInterval: settings.refreshInterval ?? '1s',
    },
  },
});

const tell = (reply: PodReply) => {
  if (process.connected) process.send?.(reply);
};
manager.on('*', (entry) => tell({ kind: 'trace', entry }));

process.on('message', async (command: PodCommand) => {
  if (command.ask === 'refresh') tell({ kind: 'answer', answer: await manager.refresh('rates', { timeout: '5s' }) });
  if (command.ask === 'state') {
    const version = manager.version('rates');
    const answer = {
      role: manager.role(),
      isLeader: manager.isLeader(),
      epoch: manager.leader()?.epoch ?? 0,
      revision: version.revision,
      day: version.revision > 0 ? manager.get('rates').day : null,
    };
    tell({ kind: 'answer', answer });
  }
});
process.on('SIGTERM', async () => {
  await manager.stop();
  process.disconnect?.();
});
process.on('disconnect', () => process.exit());
await manager.start();
