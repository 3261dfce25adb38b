/** Reads of one pod by wrk, in stretches, while the pod is among the addresses that a Service would give out. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { endWithUs } from '../harness/leftovers.ts';
import { ensureTool } from '../harness/tool.ts';

export type Reads = { reads: number; failed: number };

/** Also the longest time that a pod which is taken out of the list is still asked: within the manifests' preStop. */
const stretchSeconds = 4;
const connections = 4;

/** One stretch. What wrk counts as failed: a status other than 2xx and 3xx, and every error of a socket. */
async function stretch(url: string): Promise<Reads> {
  const args = ['-t1', `-c${connections}`, `-d${stretchSeconds}s`, '--timeout', '2s'];
  const child = spawn(ensureTool('wrk'), [...args, '-s', 'test/endurance/pace.lua', url], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  endWithUs(child);
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  const counts = readsOf(text);
  if (code !== 0 || !counts) throw new Error(`wrk ended with ${code} and said: ${text}`);
  return counts;
}

export function readsOf(text: string): Reads | undefined {
  const reads = /(\d+) requests in/.exec(text);
  if (!reads) return undefined;
  const refused = Number(/Non-2xx or 3xx responses: (\d+)/.exec(text)?.[1] ?? 0);
  const [, ...errors] = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(text) ?? [];
  return { reads: Number(reads[1]), failed: errors.reduce((sum, count) => sum + Number(count), refused) };
}

export class Load {
  readonly counts: Reads = { reads: 0, failed: 0 };
  readonly #url: string;
  #isOn = false;
  #running: Promise<void> = Promise.resolve();

  constructor(url: string) {
    this.#url = url;
  }

  begin(): void {
    if (this.#isOn) return;
    this.#isOn = true;
    this.#running = this.#run();
  }

  /** Resolves when nobody asks any more. Rejects when the tool has failed. */
  async end(): Promise<void> {
    this.#isOn = false;
    await this.#running;
  }

  async #run(): Promise<void> {
    while (this.#isOn) {
      const { reads, failed } = await stretch(this.#url);
      this.counts.reads += reads;
      this.counts.failed += failed;
    }
  }
}
