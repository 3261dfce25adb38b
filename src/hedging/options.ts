/** The options of the hedging service: every fault in one error, under the name that its caller wrote. */
import type { Logger } from 'pino';
import {
  BellwetherError,
  checkOptions,
  configurationError,
  type DataManagerOptions,
  httpSource,
  type OptionFault,
  type PodOptions,
  type Source,
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

const names = {
  ratesUrl: true,
  termsUrl: true,
  ratesRefreshInterval: true,
  termsRefreshInterval: true,
  headers: true,
  backup: true,
  namespace: true,
  logger: true,
  inspect: true,
  redis: true,
  leaseTtl: true,
  timing: true,
  podId: true,
  mode: true,
  integrity: true,
} satisfies Record<keyof HedgingOptions, true>;

/**
 * The options of the manager that the service is made of.
 *
 * @throws BellwetherError `configuration`, naming every faulty option
 */
export function parseHedgingOptions(options: HedgingOptions): DataManagerOptions<HedgingSchemas> {
  if (typeof options !== 'object' || options === null) throw wrong([{ path: [], message: 'expected an object' }]);
  const {
    ratesUrl,
    termsUrl,
    ratesRefreshInterval = '5m',
    termsRefreshInterval = '5m',
    headers,
    namespace = 'hedging',
    ...others
  } = options;
  const settings = (url: string) => ({ url, ...(headers !== undefined && { headers }) });
  const rates = attempt(() => httpSource(settings(ratesUrl)));
  const terms = attempt(() => httpSource(settings(termsUrl)));
  const parsed: DataManagerOptions<HedgingSchemas> = {
    ...others,
    namespace,
    datasets: {
      rates: { schema: Rates, source: rates.made ?? noSource, refreshInterval: ratesRefreshInterval },
      terms: { schema: Terms, source: terms.made ?? noSource, refreshInterval: termsRefreshInterval },
    },
  };
  const faults = [
    ...Object.keys(options).filter(isUnknown).map(noSuchOption),
    ...rates.faults.map(urlNamed('ratesUrl')),
    ...terms.faults.map(urlNamed('termsUrl')),
    ...attempt(() => checkOptions(parsed)).faults.map(intervalNamed),
  ];
  if (faults.length > 0) throw wrong(faults);
  return parsed;
}

const wrong = (faults: readonly OptionFault[]) => configurationError('createHedgingService', faults);

const isUnknown = (name: string) => !Object.hasOwn(names, name);

const noSuchOption = (name: string): OptionFault => ({ path: [name], message: 'there is no such option' });

/** Stands for a source whose options are wrong, so that all other options are checked; no manager is made with it. */
const noSource: Source<unknown> = async () => undefined;

const urlNamed =
  (name: string) =>
  ({ path, message }: OptionFault): OptionFault => ({ path: path[0] === 'url' ? [name] : path, message });

/** `datasets.rates.refreshInterval` is written `ratesRefreshInterval` here. */
function intervalNamed({ path, message }: OptionFault): OptionFault {
  const [first, dataset, name] = path;
  const isInterval = first === 'datasets' && name === 'refreshInterval';
  return { path: isInterval ? [`${dataset}RefreshInterval`] : path, message };
}

/** What was made, or what is wrong with its options; any other error goes on. */
export function attempt<T>(make: () => T): Readonly<{ made?: T; faults: readonly OptionFault[] }> {
  try {
    return { made: make(), faults: [] };
  } catch (error) {
    if (error instanceof BellwetherError && error.faults) return { faults: error.faults };
    throw error;
  }
}
