/**
 * Streams every event of a pod's machines to Stately Inspect, through `@statelyai/inspect`, which is loaded only here
 * and only when this is called. Off by default: it costs some 40 µs an event.
 *
 * Guarantee: no payload and no secret leaves in it. Machines carry none (payloads stay in the pod's memory, failures are
 * redacted); beyond that, bytes, headers and long texts are cut here, whatever a later machine may carry.
 */
import { connect } from 'node:net';
import type { InspectionEvent, Observer } from 'xstate';
import { BellwetherError } from '../errors.ts';

export type StatelyInspection = Readonly<{
  /** To be passed to `createDataManager` as `inspect`. */
  inspect: Observer<InspectionEvent>;
  stop(): void;
}>;

type Options = Readonly<{ /** Of the relay: `ws://localhost:8080`. */ url: string }>;

/** @throws BellwetherError `configuration`, when the package is not installed */
export async function inspectWithStately({ url }: Options): Promise<StatelyInspection> {
  const { createWebSocketInspector } = await load(() => import('@statelyai/inspect'));
  const inspector = createWebSocketInspector({
    url,
    serialize: (event) => withoutPayloads(event) as typeof event,
    sanitizeEvent: (event) => withoutPayloads(event) as typeof event,
    sanitizeContext: (context) => withoutPayloads(context) as typeof context,
  });
  return { inspect: inspector.inspect, stop: () => inspector.stop() };
}

/**
 * The relay that hands the stream on to Stately's page in a browser, on this machine.
 *
 * @throws BellwetherError `configuration`, when the package is not installed
 */
export async function startStatelyRelay(port: number): Promise<{ url: string; page: string; stop(): void }> {
  const { createInspectorServer } = await load(() => import('@statelyai/inspect/server'));
  const relay = createInspectorServer({ port, autoOpen: false });
  while (!(await isListening(port)));
  return { url: `ws://localhost:${port}`, page: `http://localhost:${port}`, stop: () => relay.stop() };
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, 'localhost');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

async function load<Loaded>(importIt: () => Promise<Loaded>): Promise<Loaded> {
  try {
    return await importIt();
  } catch (cause) {
    throw new BellwetherError(
      'configuration',
      'Stately Inspect is not installed: run `npm install @statelyai/inspect` beside bellwether.',
      { cause: cause as Error },
    );
  }
}

const longestText = 300;
const deepest = 12;
/** Names under which a payload or a secret could stand. */
const hidden = /^(payload|data|body|headers?|password|secret|token|authorization|credentials)$/i;

export function withoutPayloads(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return value.length > longestText ? `${value.slice(0, longestText)}…` : value;
  if (typeof value !== 'object' || value === null) return value;
  if (ArrayBuffer.isView(value)) return `${value.byteLength} bytes`;
  if (value instanceof Error) return { name: value.name, message: withoutPayloads(value.message) };
  if (depth >= deepest) return '…';
  if (Array.isArray(value)) return value.map((item) => withoutPayloads(item, depth + 1));
  if ('getSnapshot' in value) return { id: (value as { id?: unknown }).id };
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [
      name,
      hidden.test(name) ? '(left out)' : withoutPayloads(item, depth + 1),
    ]),
  );
}
