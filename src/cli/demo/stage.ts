/** All that the script of a run plays with. */
import type { CallCounter } from './calls.ts';
import type { Display } from './display.ts';
import type { Fleet } from './fleet.ts';
import type { FxApi } from './fx-api.ts';
import type { Journal } from './journal.ts';
import type { DemoOptions } from './options.ts';
import type { OwnRedis } from './own-redis.ts';
import type { Publications } from './publications.ts';

export type Stage = Readonly<{
  options: DemoOptions;
  fleet: Fleet;
  journal: Journal;
  publications: Publications;
  calls: CallCounter;
  api: FxApi;
  display: Display;
  /** There when it may be stopped. */
  redis: OwnRedis | undefined;
  /** Where `redis-cli` can look, if anywhere. */
  redisAddress: string | undefined;
  signal: AbortSignal;
}>;
