/** The options of a manager: those of its pod, and of what stands around the pod. */
import { resolve } from 'node:path';
import type { Logger } from 'pino';
import type { InspectionEvent, Observer } from 'xstate';
import { z } from 'zod';
import { type BackupOptions, BackupOptionsSchema } from './backup/options.ts';
import { type DatasetOptions, type PodOptions, parsePodOptions, type ResolvedOptions } from './pod-options.ts';

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

/** Those that are not the pod's own. */
const ManagerOptionsSchema = z.looseObject({
  backup: BackupOptionsSchema.optional(),
  logger: z.union([z.literal(false), z.custom<Logger>(isLogger)], 'expected a pino logger or false').optional(),
  inspect: z
    .custom<NonNullable<DataManagerOptions<Schemas>['inspect']>>(isInspector, 'expected a function or an observer')
    .optional(),
});

type ManagerOptions = Pick<DataManagerOptions<Schemas>, 'logger' | 'inspect'> & {
  /** Absolute. */
  folder: string | undefined;
  pod: ResolvedOptions;
};

/** @throws BellwetherError `configuration`, naming every faulty option */
export function parseManagerOptions<S extends Schemas>(options: DataManagerOptions<S>): ManagerOptions {
  const parsed = ManagerOptionsSchema.safeParse(options);
  const pod = parsePodOptions(ofPod(options), parsed.error?.issues);
  const { backup, logger, inspect } = { ...parsed.data };
  return {
    ...(logger !== undefined && { logger }),
    ...(inspect && { inspect }),
    folder: backup && resolve(backup.folder),
    pod,
  };
}

/**
 * Checks the options of `createDataManager` as that does, but makes no manager: for checks before a rollout, and for what
 * wraps a manager.
 *
 * @throws BellwetherError `configuration`, naming every faulty option
 */
export function checkOptions<S extends Schemas>(options: DataManagerOptions<S>): void {
  parseManagerOptions(options);
}

/** What is no object is found out by whoever reads it. */
function ofPod<S extends Schemas>(options: DataManagerOptions<S>): PodOptions {
  if (typeof options !== 'object' || options === null) return options;
  const own = Object.entries(options).filter(([name]) => !Object.hasOwn(ManagerOptionsSchema.shape, name));
  return Object.fromEntries(own) as unknown as PodOptions;
}
