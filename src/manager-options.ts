/** The options of a manager: those of its pod, and of what stands around the pod. */
import { resolve } from 'node:path';
import type { Logger } from 'pino';
import type { InspectionEvent, Observer } from 'xstate';
import { z } from 'zod';
import { type BackupOptions, BackupOptionsSchema } from './backup/options.ts';
import { parseOptions } from './options.ts';
import { type DatasetOptions, functionOf, type PodOptions } from './pod-options.ts';

export type Schemas = Record<string, z.ZodType>;

export type DataManagerOptions<S extends Schemas> = Omit<PodOptions, 'datasets'> & {
  datasets: { [Name in keyof S]: DatasetOptions<S[Name]> };
  /**
   * Keeps the last good revision of each dataset in a local folder, and serves it to readers when this pod starts while
   * neither Redis nor the source has any. Default: none.
   */
  backup?: BackupOptions;
  /** A pino logger; `false`: none. Default: pino on standard output, level info. */
  logger?: Logger | false;
  /** Receives every event of every machine, and costs. Default: off. */
  inspect?: Observer<InspectionEvent> | ((event: InspectionEvent) => void);
};

const logMethods = ['debug', 'info', 'warn', 'error', 'fatal'] as const;
const isLogger = (value: unknown) =>
  logMethods.every((method) => typeof (value as Logger | null)?.[method] === 'function');

const isInspector = (value: unknown) =>
  typeof value === 'function' || typeof (value as Observer<InspectionEvent> | null)?.next === 'function';

/** What a pod's own options don't show: the manager puts its own listener of warnings in the user's place. */
const ManagerOptionsSchema = z.looseObject({
  backup: BackupOptionsSchema.optional(),
  logger: z.union([z.literal(false), z.custom<Logger>(isLogger)], 'expected a pino logger or false').optional(),
  inspect: z
    .custom<NonNullable<DataManagerOptions<Schemas>['inspect']>>(isInspector, 'expected a function or an observer')
    .optional(),
  onWarning: functionOf<(sentence: string) => void>().optional(),
});

type ManagerOptions = Pick<DataManagerOptions<Schemas>, 'logger' | 'inspect' | 'onWarning'> & {
  /** Absolute. */
  folder: string | undefined;
  /** Not checked yet: `parsePodOptions`. */
  ofPod: PodOptions;
};

/** @throws BellwetherError `configuration`, naming every faulty option but those of the pod */
export function parseManagerOptions<S extends Schemas>(options: DataManagerOptions<S>): ManagerOptions {
  const { backup, logger, inspect, ...ofPod } = parseOptions('Bellwether', ManagerOptionsSchema, options);
  return {
    ...(logger !== undefined && { logger }),
    ...(inspect && { inspect }),
    ...(ofPod.onWarning && { onWarning: ofPod.onWarning }),
    folder: backup && resolve(backup.folder),
    ofPod: ofPod as unknown as PodOptions,
  };
}
