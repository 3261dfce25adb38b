/** What a run takes place in: the FX API, a Redis or none, and a fleet that is not started yet. */
import { formatDuration } from '../../duration.ts';
import { UsageError } from '../usage-error.ts';
import { counted } from './display.ts';
import type { Fleet } from './fleet.ts';
import { freePort } from './free-port.ts';
import { type FxApi, startFxApi } from './fx-api.ts';
import { leaderAt, placeOf } from './glimpse.ts';
import type { Leftovers } from './leftovers.ts';
import { localFleet } from './local-fleet.ts';
import type { DemoOptions } from './options.ts';
import { findRedisServer, type OwnRedis, ownRedis } from './own-redis.ts';
import { type Inspection, processFleet } from './process-fleet.ts';
import { recordedDays } from './recorded-days.ts';
import type { Workspace } from './workspace.ts';

export type Setting = Readonly<{
  api: FxApi;
  fleet: Fleet;
  /** There when it may be stopped. */
  redis: OwnRedis | undefined;
  redisAddress: string | undefined;
  /** For the person who watches. */
  introduction: readonly string[];
}>;

/** What the API allows in an interval and dataset: more than a fleet needs, and far less than pods on their own. */
const callsAllowed = 2;

type Store = Pick<Setting, 'redis' | 'redisAddress'> & Readonly<{ about: readonly string[] }>;

/** Whatever was started is among the leftovers from that moment on, also when something after it fails. */
export async function prepare(options: DemoOptions, workspace: Workspace, leftovers: Leftovers): Promise<Setting> {
  const { intervalMs, pods } = options;
  const store = await storeOf(workspace, leftovers);
  const api = await startFxApi({ rateLimit: { calls: callsAllowed, perMs: intervalMs } });
  leftovers.add({ end: () => api.close() });
  const fleet =
    store.redisAddress === undefined
      ? localFleet({ settings: localSettings(api, intervalMs), folder: workspace.folder })
      : processFleet({
          environment: environmentOf(api, intervalMs, store.redisAddress),
          folder: workspace.folder,
          ...(store.redis && { linkedPort: store.redis.port }),
          ...(options.isInspected && { inspection: await startInspection(leftovers) }),
        });
  leftovers.add({ endAtOnce: () => fleet.endAtOnce() });
  const form = fleet.form === 'processes' ? 'in processes of their own' : 'in one process';
  const inspected = fleet.inspectionPage;
  const introduction = [
    `Bellwether demo: ${counted(pods, 'pod')} ${form}. One of them fetches, all of them know.`,
    ...store.about,
    `  FX API  ${api.url}/rates and /terms: real EUR rates, ${recordedDays().length} recorded days, a day further with each call;`,
    `          more than ${callsAllowed} calls of one within ${formatDuration(intervalMs)} are answered with 429`,
    `  Logs    ${workspace.folder}`,
    ...(inspected === undefined
      ? []
      : [`  Stately ${inspected}: the first three pods, live (its page comes from stately.ai)`]),
    '',
  ];
  return { api, fleet, redis: store.redis, redisAddress: store.redisAddress, introduction };
}

async function storeOf(workspace: Workspace, leftovers: Leftovers): Promise<Store> {
  const given = process.env.REDIS_ADDR;
  if (given) return givenRedis(given);
  const found = findRedisServer();
  if ('obstacle' in found) {
    const about = [
      `${found.obstacle}. Without one,`,
      'the pods share a memory store in this process: no leader is killed (it is stopped instead), and no Redis.',
    ];
    return { redis: undefined, redisAddress: undefined, about };
  }
  const redis = await ownRedis(workspace, found.version, leftovers);
  const about = [`  Redis   127.0.0.1:${redis.port}, redis-server ${redis.version}, started for this run alone`];
  return { redis, redisAddress: `redis://127.0.0.1:${redis.port}`, about };
}

/** Somebody's Redis may have somebody's fleet: seventy more pods would join it. */
async function givenRedis(address: string): Promise<Store> {
  const place = placeIn(address);
  if (place.canBeLookedAt) {
    const leader = await leaderAt(address).catch((error: Error) => {
      throw new UsageError(`REDIS_ADDR cannot be used: ${error.message}`);
    });
    if (leader !== null) {
      throw new UsageError(
        `At REDIS_ADDR (${place.address}) a fleet is running already, led by ${leader}: name another Redis or ` +
          'another database of it, or wait until its lock has expired (2 minutes by default).',
      );
    }
  }
  const about = [`  Redis   ${place.address}, from REDIS_ADDR: it is not stopped, and keeps the keys hedging:*`];
  return { redis: undefined, redisAddress: address, about };
}

function placeIn(address: string) {
  try {
    return placeOf(address);
  } catch (error) {
    throw new UsageError(`REDIS_ADDR: ${(error as Error).message}.`);
  }
}

async function startInspection(leftovers: Leftovers): Promise<Inspection> {
  const { startStatelyRelay } = await import('../../inspection/index.ts');
  const relay = await startStatelyRelay(await freePort());
  leftovers.add({ end: async () => relay.stop(), endAtOnce: () => relay.stop() });
  return relay;
}

function localSettings({ url }: FxApi, intervalMs: number) {
  return {
    ratesUrl: `${url}/rates`,
    termsUrl: `${url}/terms`,
    ratesRefreshInterval: intervalMs,
    termsRefreshInterval: intervalMs,
  };
}

/** As a deployment would set it. What is empty counts as unset, so that nothing of this shell gets in. */
function environmentOf({ url }: FxApi, intervalMs: number, redisAddress: string): Record<string, string> {
  return {
    REDIS_ADDR: redisAddress,
    RATES_URL: `${url}/rates`,
    TERMS_URL: `${url}/terms`,
    RATES_REFRESH_INTERVAL: `${intervalMs}ms`,
    TERMS_REFRESH_INTERVAL: `${intervalMs}ms`,
    HTTP_HOST: '127.0.0.1',
    HTTP_PORT: '0',
    LOCK_TTL: '',
    ENABLE_DISTRIBUTED_MANAGER: '',
  };
}
