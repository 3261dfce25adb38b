/**
 * The reference service: FX rates and hedging terms for a fleet of pods, built on the public API alone.
 */
import type { Logger } from 'pino';
import {
  createDataManager,
  type DataManagerOptions,
  type DeepReadonly,
  type DistributedDataManager,
  httpSource,
  type PodOptions,
  type StartOptions,
} from '../index.ts';
import { Rates, Terms } from './schemas.ts';

export type HedgingSchemas = { rates: typeof Rates; terms: typeof Terms };

type Interval = NonNullable<PodOptions['leaseTtl']>;

export type HedgingOptions = Pick<PodOptions, 'redis' | 'leaseTtl' | 'timing' | 'podId' | 'mode' | 'integrity'> & {
  ratesUrl: string;
  termsUrl: string;
  /** Default 5 min. */
  ratesRefreshInterval?: Interval;
  termsRefreshInterval?: Interval;
  /** Sent with every call, e.g. for the API's credentials. */
  headers?: Record<string, string>;
  /** Where the last good revisions are kept on this machine. Default: nowhere. */
  backup?: NonNullable<DataManagerOptions<HedgingSchemas>['backup']>;
  /** Prefix of the keys. Default `hedging`. */
  namespace?: string;
  logger?: Logger | false;
  /** Receives every event of every machine. Off by default: it costs. */
  inspect?: NonNullable<DataManagerOptions<HedgingSchemas>['inspect']>;
};

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
  const {
    ratesUrl,
    termsUrl,
    ratesRefreshInterval = '5m',
    termsRefreshInterval = '5m',
    headers,
    namespace,
    ...pod
  } = options;
  const from = (url: string) => httpSource({ url, ...(headers && { headers }) });
  const manager: DistributedDataManager<HedgingSchemas> = createDataManager({
    namespace: namespace ?? 'hedging',
    ...pod,
    datasets: {
      rates: { schema: Rates, source: from(ratesUrl), refreshInterval: ratesRefreshInterval },
      terms: { schema: Terms, source: from(termsUrl), refreshInterval: termsRefreshInterval },
    },
  });
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
