/**
 * The live feed: Server-Sent Events. The first message after each connection is the state of all, the rest is news.
 * Reconnects for ever, by itself.
 */
import type { TraceLine } from '../../../machines/trace-file.ts';

type Message = Readonly<{ now: number; lines: readonly TraceLine[] }>;

export type LiveListener = Readonly<{
  /** Forget what was: this is the state now. */
  onState(message: Message): void;
  onNews(message: Message): void;
  onConnection(isUp: boolean): void;
}>;

const retryMs = 1_000;

export function listenLive({ onState, onNews, onConnection }: LiveListener): void {
  const source = new EventSource('dashboard/events');
  const read = (event: Event) => JSON.parse((event as MessageEvent<string>).data) as Message;
  source.addEventListener('state', (event) => {
    onConnection(true);
    onState(read(event));
  });
  source.addEventListener('news', (event) => onNews(read(event)));
  source.addEventListener('error', () => {
    onConnection(false);
    // The browser itself tries again after a lost connection, but not after an answer that is no stream.
    if (source.readyState !== EventSource.CLOSED) return;
    source.close();
    setTimeout(() => listenLive({ onState, onNews, onConnection }), retryMs);
  });
}

export async function injectFault(name: string, podId: string | undefined): Promise<string> {
  try {
    const response = await fetch(`dashboard/faults/${name}`, {
      method: 'POST',
      // A page from elsewhere could not send this without being asked by the browser first.
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ podId }),
    });
    const { sentence } = (await response.json()) as { sentence: string };
    return sentence;
  } catch (error) {
    return `That could not be done: ${(error as Error).message}`;
  }
}
