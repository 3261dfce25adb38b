/** The TCP proxy of tcp-proxy.ts for programs that are no test: whoever opens it closes it. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export type Direction = 'toServer' | 'toClient';

/** The connection on which something was seen. */
export type Link = Readonly<{
  /** Resets it, so that what was seen never gets there. */
  cut(): void;
  /**
   * From what was seen on nothing gets to the server (or, with what was seen let through, to the client) until the
   * result is called, and then all of it, even if the client has gone: as packets that were on their way.
   */
  holdBack(direction?: Direction): LetGo;
}>;

/** Resolves, if the client has gone, to what the server said to that when it had taken all. */
export type LetGo = () => Promise<string>;

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
  /**
   * As when a node is lost: `silence` in both directions, and the server isn't told when a client gives its
   * connection up, until `heal`.
   */
  strand(): void;
  /** Holds the connection back on which one of these texts flows to the server next. Once; resolves when it does. */
  hold(direction: Direction, texts: readonly string[]): Promise<LetGo>;
  /** Resets the connection on which this text flows to the server next, before it gets there. Once. */
  cutBefore(text: string): void;
  /** Calls back when one of these texts flows to the server next, before it is passed on. Once; returns what ends it. */
  when(texts: readonly string[], act: (link: Link) => void): () => void;
  /** Holds every chunk back for so long, in this direction or in both. */
  delay(ms: number, direction?: Direction): void;
  /** A slow link: at most so many bytes a second in each direction of each connection. */
  slow(bytesPerSecond: number): void;
  /** Ends all faults. What was swallowed is lost: the connections that missed it are cut. */
  heal(): void;
  close(): Promise<void>;
};

const directions: readonly Direction[] = ['toServer', 'toClient'];

type Pair = readonly [Socket, Socket];
type Watch = { texts: readonly string[]; act: (link: Link) => void };

export async function openTcpProxy(target: { host?: string; port: number }): Promise<TcpProxy> {
  const pairs = new Set<Pair>();
  const silenced = new Set<Direction>();
  const damaged = new Set<Pair>();
  const held = new Map<Pair, { direction: Direction; chunks: Buffer[] }>();
  const watches = new Set<Watch>();
  const bytes = { toServer: 0, toClient: 0 };
  const pace: Pace = { delayMs: { toServer: 0, toClient: 0 }, bytesPerSecond: Number.POSITIVE_INFINITY };
  let isRefusing = false;
  let isStranding = false;

  const reset = (pair: Pair) => {
    pairs.delete(pair);
    damaged.delete(pair);
    held.delete(pair);
    for (const socket of pair) socket.resetAndDestroy();
  };

  const tellWatches = (chunk: Buffer, pair: Pair) => {
    for (const watch of watches) {
      if (!watch.texts.some((text) => chunk.includes(text))) continue;
      watches.delete(watch);
      watch.act({ cut: () => reset(pair), holdBack: (direction) => holdBack(pair, direction) });
    }
  };

  const holdBack = (pair: Pair, direction: Direction = 'toServer'): LetGo => {
    held.set(pair, { direction, chunks: [] });
    return async () => {
      const [client, upstream] = pair;
      const bytes = Buffer.concat(held.get(pair)?.chunks ?? []);
      held.delete(pair);
      if (!client.destroyed) {
        (direction === 'toServer' ? upstream : client).write(bytes);
        return '';
      }
      // Where the client has gone, the server hears of that after what it had sent.
      const said: Buffer[] = [];
      upstream.on('data', (chunk: Buffer) => said.push(chunk));
      if (upstream.readyState === 'open') {
        upstream.end(direction === 'toServer' ? bytes : '');
        await once(upstream, 'close');
      }
      return Buffer.concat(said).toString();
    };
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
      socket.on('close', () => {
        if (socket === upstream || (!held.has(pair) && !isStranding)) reset(pair);
        else damaged.add(pair);
      });
    }
    const pass = (from: Socket, to: Socket, direction: Direction) => {
      const write = inOrder(pace, direction, (chunk) => to.writable && to.write(chunk));
      from.on('data', (chunk: Buffer) => {
        bytes[direction] += chunk.length;
        if (direction === 'toServer') tellWatches(chunk, pair);
        if (!pairs.has(pair)) return;
        const hold = held.get(pair);
        if (hold?.direction === direction) hold.chunks.push(chunk);
        else if (silenced.has(direction)) damaged.add(pair);
        else write(chunk);
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
    strand: () => {
      isStranding = true;
      proxy.silence();
    },
    hold: (direction, texts) =>
      new Promise((resolve) => {
        proxy.when(texts, (link) => resolve(link.holdBack(direction)));
      }),
    cutBefore: (text) => {
      proxy.when([text], (link) => link.cut());
    },
    when: (texts, act) => {
      const watch = { texts, act };
      watches.add(watch);
      return () => watches.delete(watch);
    },
    delay: (ms, direction) => {
      for (const each of direction ? [direction] : directions) pace.delayMs[each] = ms;
    },
    slow: (bytesPerSecond) => {
      pace.bytesPerSecond = bytesPerSecond;
    },
    heal: () => {
      isRefusing = false;
      isStranding = false;
      proxy.delay(0);
      pace.bytesPerSecond = Number.POSITIVE_INFINITY;
      watches.clear();
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
  return proxy;
}

type Pace = { delayMs: Record<Direction, number>; bytesPerSecond: number };

/** Chunks of one direction never overtake each other, however the pace changes and whichever timer comes first. */
function inOrder(pace: Pace, direction: Direction, write: (chunk: Buffer) => void): (chunk: Buffer) => void {
  const queue: Buffer[] = [];
  let freeAt = 0;
  return (chunk) => {
    const now = performance.now();
    freeAt = Math.max(now + pace.delayMs[direction], freeAt) + (chunk.length / pace.bytesPerSecond) * 1_000;
    if (queue.length === 0 && freeAt <= now) {
      write(chunk);
      return;
    }
    queue.push(chunk);
    setTimeout(() => write(queue.shift() as Buffer), freeAt - now);
  };
}
