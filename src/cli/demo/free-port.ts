/** A port on which somebody may listen, stop and listen again. */
import { createServer } from 'node:net';
import { FailedRun } from '../failed-run.ts';

/**
 * Below the ports that systems give to outgoing connections: while this Redis is stopped, seventy pods try to connect
 * to its port again and again, and one that was given this very port would be connected to itself and keep it.
 */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    if (await isFree(port)) return port;
  }
  throw new FailedRun('No free port was found on 127.0.0.1 between 20000 and 32000.');
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
