/** Starts a process in a place of the fleet: a real manager on a simulated clock, network, Redis and source. */
import { pino } from 'pino';
import type { InspectionEvent } from 'xstate';
import type { Timing } from '../../machines/index.ts';
import { createDataManager, type DistributedDataManager } from '../manager.ts';
import type { Schemas } from '../manager-options.ts';
import { commandLimits } from '../redis/commands.ts';
import { type FleetOptions, podOptionsOf } from './fleet-options.ts';
import type { FleetTraceLog } from './fleet-trace-log.ts';
import type { Network } from './network.ts';
import { pickerOf } from './random.ts';
import { SimulatedConnection } from './simulated-connection.ts';
import type { SimulatedPod } from './simulated-pod.ts';
import type { SimulatedRedis } from './simulated-redis.ts';
import type { SimulatedSource } from './simulated-source.ts';

type Parts<S extends Schemas> = Readonly<{
  options: FleetOptions<S>;
  fleet: { seed: number; timing: Timing; network: Network; redis: SimulatedRedis; source: SimulatedSource };
  log: FleetTraceLog;
}>;

type Process<S extends Schemas> = { manager: DistributedDataManager<S>; connection: SimulatedConnection };

/** One for all: a logger for each pod would be the largest part of it. */
const silent = pino({ enabled: false });

export function launcher<S extends Schemas>({ options, fleet, log }: Parts<S>) {
  return (pod: SimulatedPod<S>, podId: string): Process<S> => {
    const { clock, name } = pod;
    const random = pickerOf(fleet.seed, podId).next;
    let connection: SimulatedConnection | undefined;
    let ids = 0;
    const base = podOptionsOf(options);
    const caller = { name, podId, clock, owner: pod };
    const datasets = Object.fromEntries(
      Object.entries(base.datasets).map(([dataset, dataOptions]) => {
        const own = (options.datasets as Record<string, { source?: typeof dataOptions.source }>)[dataset]?.source;
        return [dataset, { ...dataOptions, source: fleet.source.of(caller, own) }];
      }),
    );
    const manager = createDataManager({
      ...base,
      datasets,
      podId,
      clock,
      random,
      newId: () => `${podId}:${++ids}`,
      logger: silent,
      ...(options.inspect && { inspect: options.inspect as (event: InspectionEvent) => void }),
      connect: () => {
        connection = new SimulatedConnection(podId, clock, {
          ...fleet,
          endpoint: name,
          owner: pod,
          random,
          limits: commandLimits(fleet.timing.leaseCommandLimitMs),
          slowestMs: fleet.timing.misconfiguredRetryMs,
        });
        return connection;
      },
    });
    manager.on('*', (entry) => log.add(entry));
    if (!connection) throw new Error(`${podId} opened no connection.`);
    return { manager: manager as unknown as DistributedDataManager<S>, connection };
  };
}
