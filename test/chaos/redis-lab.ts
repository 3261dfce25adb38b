/** The Redis under chaos, and an operator's hands: a user of its own, so that no fault locks it out. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { temporaryFolder } from '../harness/leftovers.ts';
import { type RedisServer, startRedisServer } from '../harness/redis-server.ts';

const password = 'only-for-the-operator';
const users = ['user default on nopass ~* &* +@all', `user operator on >${password} ~* &* +@all`];

export class RedisLab {
  readonly server: RedisServer;

  private constructor(server: RedisServer) {
    this.server = server;
  }

  /** Every write is on disk before its reply: killed, it loses nothing. */
  static async start(): Promise<RedisLab> {
    return new RedisLab(await startRedisServer({ appendOnly: true, dir: temporaryFolder(), acl: users }));
  }

  /** One connection for one piece of work. */
  async operate<T>(work: (operator: Redis) => Promise<T>): Promise<T> {
    const { port } = this.server;
    const operator = new Redis({ port, host: '127.0.0.1', username: 'operator', password, lazyConnect: true });
    // A command that fails says so itself; without a listener ioredis writes to the console as well.
    operator.on('error', () => undefined);
    try {
      await operator.connect();
      return await work(operator);
    } finally {
      operator.disconnect();
    }
  }

  /** Closes what everybody else has open, so that all must come in anew. */
  async dismissClients(): Promise<void> {
    await this.operate(async (operator) => {
      for (const type of ['normal', 'pubsub']) await operator.call('CLIENT', 'KILL', 'TYPE', type, 'SKIPME', 'yes');
    });
  }

  /** While it doesn't run. */
  loseData(): void {
    rmSync(join(this.server.dir, 'appendonlydir'), { recursive: true });
  }
}
