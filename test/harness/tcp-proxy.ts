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
import { onTestFinished } from 'vitest';
import { openTcpProxy, type TcpProxy } from './open-tcp-proxy.ts';

/** Closed by itself when the test that started it has finished. */
export async function startTcpProxy(target: { host?: string; port: number }): Promise<TcpProxy> {
  const proxy = await openTcpProxy(target);
  onTestFinished(() => proxy.close());
  return proxy;
}
