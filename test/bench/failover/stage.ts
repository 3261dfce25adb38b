/** What all elections of one contestant share: a Redis of its own, and the processes whose members are never harmed. */
import { Redis } from 'ioredis';
import { openTcpProxy, type TcpProxy } from '../../harness/open-tcp-proxy.ts';
import { type RedisServer, startRedisServer } from '../../harness/redis-server.ts';
import { Worker } from '../workers.ts';
import type { Contestant } from './contestants.ts';

export const followersPerElection = 3;

export class Stage {
  readonly contestant: Contestant;
  readonly redis: Redis;
  readonly followers: readonly Worker[];
  /** Leaders whose connection will be lost: they stay alive, so that one process holds them all. */
  readonly cutLeaders: Worker;
  readonly #server: RedisServer;
  readonly #proxies: TcpProxy[] = [];

  private constructor(contestant: Contestant, server: RedisServer) {
    this.contestant = contestant;
    this.#server = server;
    this.redis = new Redis(server.url);
    this.followers = Array.from({ length: followersPerElection }, () => this.fork());
    this.cutLeaders = this.fork();
  }

  static async set(contestant: Contestant): Promise<Stage> {
    return new Stage(contestant, await startRedisServer());
  }

  get url(): string {
    return this.#server.url;
  }

  fork(): Worker {
    return new Worker(`failover/${this.contestant}.worker`);
  }

  async proxy(): Promise<TcpProxy> {
    const proxy = await openTcpProxy({ port: this.#server.port });
    this.#proxies.push(proxy);
    return proxy;
  }

  /** Ends all elections; the stage is ready for the next ones. */
  async clear(): Promise<void> {
    for (const proxy of this.#proxies) proxy.heal();
    await Promise.all([this.cutLeaders, ...this.followers].map((worker) => worker.call('leaveAll')));
    await Promise.all(this.#proxies.splice(0).map((proxy) => proxy.close()));
  }

  async strike(): Promise<void> {
    await Promise.all([this.cutLeaders, ...this.followers].map((worker) => worker.end()));
    this.redis.disconnect();
    await this.#server.stop();
  }
}
