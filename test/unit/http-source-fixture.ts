/**
 * Real servers and calls for the tests of `httpSource`. After each test every socket must have been closed by
 * the client, else the test hangs and fails.
 */
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { afterEach, expect } from 'vitest';
import type { HttpSourceOptions } from '../../src/source/http-options.ts';
import { httpSource } from '../../src/source/http-source.ts';
import { SourceAnswer, type SourceCall, SourceError } from '../../src/source/source.ts';

const servers = new Map<Server, Set<Socket>>();

/** Waits until the client has closed every connection that carried something. */
export async function closeServers(): Promise<void> {
  const closing = [...servers].map(([server, sockets]) => {
    const closed = new Promise((resolve) => server.close(resolve));
    // Node 20's fetch (undici 6.24) reconnects once after an aborted call, sends nothing, and closes 4 s later.
    for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
    server.on('connection', (socket) => socket.destroy());
    return closed;
  });
  servers.clear();
  await Promise.all(closing);
}
afterEach(closeServers);

async function listen(server: Server): Promise<string> {
  const sockets = new Set<Socket>();
  servers.set(server, sockets);
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

export const serve = (handler: RequestListener) => listen(createServer(handler));

/** For bytes that node:http would refuse to send. */
export const serveRaw = (answer: (socket: Socket) => void) =>
  listen(createTcpServer((socket) => void socket.on('error', () => {}).once('data', () => answer(socket))));

export const json = { 'content-type': 'application/json' };
export const serveJson = (body: string | Buffer, headers: Record<string, string> = {}, status = 200) =>
  serve((_, response) => response.writeHead(status, { ...json, ...headers }).end(body));

export type Extra = Partial<SourceCall<unknown>>;
export const fetchFrom = (url: string, options: Partial<HttpSourceOptions> = {}, extra: Extra = {}) =>
  httpSource({ url, ...options })({
    signal: new AbortController().signal,
    dataset: 'rates',
    previous: undefined,
    ...extra,
  });

/** The SourceError that the call rejects with; its message is one sentence with address and advice. */
export async function failure(answer: Promise<unknown>): Promise<SourceError> {
  const error = await answer.then(
    () => expect.fail('expected a SourceError'),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(SourceError);
  const { kind, message } = error as SourceError;
  expect(kind).toBe('sourceFailed');
  expect(message).toMatch(/^rates: http[^\n]+; [^\n]+\.$/);
  return error as SourceError;
}

export async function data(answer: Promise<unknown>): Promise<unknown> {
  const value = await answer;
  expect(value).toBeInstanceOf(SourceAnswer);
  return (value as SourceAnswer).data;
}

/** Promise.withResolvers is Node 22's. */
export function deferred<T>() {
  let resolve: (value: T | Promise<T>) => void = () => {};
  const promise = new Promise<T>((resolvePromise) => {
    resolve = resolvePromise;
  });
  return { promise, resolve };
}
