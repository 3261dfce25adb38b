/** One PING on the bare wire, so that the harness trusts nothing of what it is there to test. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectSecure } from 'node:tls';
import type { RedisAccess } from './redis-options.ts';

/** Resolves to the reply's first line. A server that asks for a password or refuses the user answers as well. */
export async function ping(access: RedisAccess, port: number): Promise<string> {
  const socket = open(access, port);
  socket.setTimeout(10_000, () => socket.destroy(new Error('no reply to PING in 10 seconds')));
  try {
    socket.write('PING\r\n');
    const [reply] = (await once(socket, 'data')) as [Buffer];
    return reply.toString().split('\r\n')[0] ?? '';
  } finally {
    socket.destroy();
  }
}

function open({ socketPath, certificates }: RedisAccess, port: number): Socket {
  if (socketPath) return connectPlain(socketPath);
  const address = { port, host: '127.0.0.1' };
  if (!certificates) return connectPlain(address);
  const { ca, client } = certificates;
  const [authority, cert, key] = [ca, client.cert, client.key].map((file) => readFileSync(file));
  return connectSecure({ ...address, ca: authority, cert, key });
}
