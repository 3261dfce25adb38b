/** The whole service in this process, on a real Redis and a real API, as `bellwether service` runs it. */
import { type FxApi, startFxApi } from '../../src/cli/demo/fx-api.ts';
import { type RunningService, runService } from '../../src/hedging/index.ts';
import { ageSchedule } from '../harness/aged-schedule.ts';
import { type RedisServer, startRedisServer } from '../harness/redis-server.ts';

export type TestService = Readonly<{
  redis: RedisServer;
  api: FxApi;
  running: RunningService;
  get(path: string, init?: RequestInit): Promise<Response>;
  /** Status and body. */
  json(path: string, init?: RequestInit): Promise<[number, Record<string, unknown>]>;
  stop(): Promise<void>;
}>;

export async function startTestService(environment: Record<string, string> = {}): Promise<TestService> {
  const [redis, api] = [await startRedisServer(), await startFxApi()];
  await ageSchedule(redis.url, 'hedging');
  const running = await runService({
    REDIS_ADDR: redis.url,
    RATES_URL: `${api.url}/rates`,
    TERMS_URL: `${api.url}/terms`,
    HTTP_HOST: '127.0.0.1',
    HTTP_PORT: '0',
    LOG_LEVEL: 'silent',
    ...environment,
  });
  const get = (path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${running.http.port}${path}`, init);
  return {
    redis,
    api,
    running,
    get,
    json: async (path, init) => {
      const response = await get(path, init);
      return [response.status, (await response.json()) as Record<string, unknown>];
    },
    stop: async () => {
      await running.stop();
      await redis.stop();
      await api.close();
    },
  };
}

/** Resolves when rates and terms are there. */
export async function untilReady({ running }: TestService): Promise<void> {
  await running.service.initialize();
}
