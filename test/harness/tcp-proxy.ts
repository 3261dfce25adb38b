/**
 * A TCP proxy on loopback that makes the faults of a network: cut connections, silence in one direction while the
 * connection stays open, delay.
 *
 * ```ts
 * const proxy = await startTcpProxy({ port: redis.port });
 * proxy.silence('toClient');   // half-open: Redis hears, the client doesn't
 * proxy.cut();                 // both sides get a reset; new connections are let in
 * proxy.refuse();              // and new ones are reset as well, until `heal`
 * ```
 */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

export type Direction = 'toServer' | 'toClient';

export type TcpProxy = {
  readonly port: number;
  /** Connections that are open now. */
  readonly connections: number;
  /** Bytes that came in, per direction, silenced ones included. */
  readonly bytes: Readonly<Record<Direction, number>>;
  /** Resets all connections. */
  cut(): void;
  /** `cut`, and so with every new connection until `heal`. */
  refuse(): void;
  /** Swallows what flows in this direction, or in both; connections stay open. New ones are as silent. */
  silence(direction?: Direction): void;
  /** Resets the connection on which this text flows to the server next, before it gets there. Once. */
  cutBefore(text: string): void;
  /** Holds every chunk back for so long, in both directions. */
  delay(ms: number): void;
  /** Ends all faults. What was swallowed is lost: the connections that missed it are cut. */
  heal(): void;
  close(): Promise<void>;
};

const directions: readonly Direction[] = ['toServer', 'toClient'];

/** Closed by itself when the test that started it has finished. */
export async function startTcpProxy(target: { host?: string; port: number }): Promise<TcpProxy> {
  const pairs = new Set<readonly [Socket, Socket]>();
  const silenced = new Set<Direction>();
  const damaged = new Set<readonly [Socket, Socket]>();
  const bytes = { toServer: 0, toClient: 0 };
  let isRefusing = false;
  let delayMs = 0;
  let fatalText: string | undefined;

  const reset = (pair: readonly [Socket, Socket]) => {
    pairs.delete(pair);
    damaged.delete(pair);
    for (const socket of pair) socket.resetAndDestroy();
  };

  const server = createServer((client) => {
    if (isRefusing) {
      client.resetAndDestroy();
      return;
    }
    const upstream = connect({ host: target.host ?? '127.0.0.1', port: target.port });
    const pair = [client, upstream] as const;
    pairs.add(pair);
    for (const socket of pair) {
      socket.setNoDelay(true);
      socket.on('error', () => undefined);
      socket.on('close', () => reset(pair));
    }
    const pass = (from: Socket, to: Socket, direction: Direction) => {
      from.on('data', (chunk: Buffer) => {
        bytes[direction] += chunk.length;
        if (direction === 'toServer' && fatalText !== undefined && chunk.includes(fatalText)) {
          fatalText = undefined;
          reset(pair);
        } else if (silenced.has(direction)) damaged.add(pair);
        else if (delayMs > 0) setTimeout(() => to.writable && to.write(chunk), delayMs);
        else if (to.writable) to.write(chunk);
      });
    };
    pass(client, upstream, 'toServer');
    pass(upstream, client, 'toClient');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  const proxy: TcpProxy = {
    port: (server.address() as AddressInfo).port,
    bytes,
    get connections() {
      return pairs.size;
    },
    cut: () => [...pairs].forEach(reset),
    refuse: () => {
      isRefusing = true;
      proxy.cut();
    },
    silence: (direction) => {
      for (const each of direction ? [direction] : directions) silenced.add(each);
    },
    cutBefore: (text) => {
      fatalText = text;
    },
    delay: (ms) => {
      delayMs = ms;
    },
    heal: () => {
      isRefusing = false;
      delayMs = 0;
      fatalText = undefined;
      silenced.clear();
      [...damaged].forEach(reset);
    },
    close: async () => {
      proxy.refuse();
      if (!server.listening) return;
      server.close();
      await once(server, 'close');
    },
  };
  onTestFinished(() => proxy.close());
  return proxy;
}
