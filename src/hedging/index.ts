export { readEnvironment, type ServiceSettings } from './environment.ts';
export type { HedgingOptions, HedgingSchemas } from './options.ts';
export { type RunningService, type RunOptions, runService, stopOnSignals } from './run-service.ts';
export { Rates, Terms } from './schemas.ts';
export { createHedgingService, type HedgingService, type LatestRevision } from './service.ts';
