export type { PodActors } from './create-pod-actors.ts';
export { createPodActors } from './create-pod-actors.ts';
export type { DataManager, DataVersionInfo, TraceListener } from './data-manager.ts';
export { Duration, formatDuration } from './duration.ts';
export { BellwetherError, type ErrorCode, type OptionFault } from './errors.ts';
export { logDestination } from './log-destination.ts';
export { createDataManager, DistributedDataManager } from './manager.ts';
export { checkOptions, type DataManagerOptions, type Schemas } from './manager-options.ts';
export { configurationError } from './options.ts';
export type { DatasetOptions, PodOptions } from './pod-options.ts';
export type { DatasetSight, PodSight } from './pod-sight.ts';
export type * from './ports.ts';
export { httpSource } from './source/http-source.ts';
export {
  type DeepReadonly,
  type Source,
  SourceAnswer,
  type SourceCall,
  SourceError,
  type SourceErrorCode,
  UNCHANGED,
} from './source/source.ts';
export type { StartOptions } from './start.ts';
