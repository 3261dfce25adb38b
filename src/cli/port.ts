import { UsageError } from './usage-error.ts';

/** 0: any that is free. */
export function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : -1;
  if (port >= 0 && port <= 65_535) return port;
  throw new UsageError(`--port: expected a port number from 0 (any that is free) to 65535, got "${text}".`);
}
