/**
 * The reference service: FX rates and hedging terms for a fleet of pods, built on the public API alone.
 */
import { createDataManager, type DeepReadonly, type DistributedDataManager, type StartOptions } from '../index.ts';
import { type HedgingOptions, type HedgingSchemas, parseHedgingOptions } from './options.ts';
import type { Rates, Terms } from './schemas.ts';

/** Both datasets at one moment. */
export type LatestRevision = Readonly<{
  /** Of the data version as a whole: the sum of the datasets' revisions, so it grows whenever one of them does. */
  revision: number;
  /** Both are there, verified, and not older than their limits. */
  isValid: boolean;
  rates: DeepReadonly<Rates> | null;
  terms: DeepReadonly<Terms> | null;
}>;

export type HedgingService = Readonly<{
  manager: DistributedDataManager<HedgingSchemas>;
  /** Starts the pod; resolves when rates and terms are there. */
  initialize(options?: StartOptions): Promise<void>;
  isLeader(): boolean;
  /** @throws BellwetherError `noData` before the first revision */
  getRates(): DeepReadonly<Rates>;
  /** @throws BellwetherError `noData` before the first revision */
  getTerms(): DeepReadonly<Terms>;
  getLatestRevision(): LatestRevision;
  /** Hands the lease over and leaves nothing open. */
  shutdown(): Promise<void>;
}>;

/** @throws BellwetherError `configuration`, naming every faulty option */
export function createHedgingService(options: HedgingOptions): HedgingService {
  const manager = createDataManager(parseHedgingOptions(options));
  return {
    manager,
    initialize: (startOptions) => manager.start(startOptions),
    isLeader: () => manager.isLeader(),
    getRates: () => manager.get('rates'),
    getTerms: () => manager.get('terms'),
    getLatestRevision: () => latestRevision(manager),
    shutdown: () => manager.stop(),
  };
}

function latestRevision(manager: DistributedDataManager<HedgingSchemas>): LatestRevision {
  const rates = manager.version('rates');
  const terms = manager.version('terms');
  return {
    revision: rates.revision + terms.revision,
    isValid: rates.isValid && terms.isValid,
    rates: rates.revision > 0 ? manager.get('rates') : null,
    terms: terms.revision > 0 ? manager.get('terms') : null,
  };
}
