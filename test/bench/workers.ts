/** Processes that hold pods: started by the benchmark, told what to do over IPC, ended with it. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { endWithUs } from '../harness/leftovers.ts';

type Call = { id: number; name: string; argument: unknown };
type Answer = { id: number; value?: unknown; error?: string };

export class Worker {
  readonly #child: ChildProcess;
  readonly #pending = new Map<number, (answer: Answer) => void>();
  #calls = 0;

  /** `name` is a file of this folder, without its ending. */
  constructor(name: string, execArgv: readonly string[] = []) {
    const path = fileURLToPath(new URL(`./${name}.js`, import.meta.url));
    this.#child = fork(path, [], { execArgv: [...execArgv] });
    endWithUs(this.#child);
    this.#child.on('message', (answer: Answer) => {
      this.#pending.get(answer.id)?.(answer);
      this.#pending.delete(answer.id);
    });
    this.#child.once('exit', (code, signal) => {
      const error = `${name} ended (${signal ?? code}) before it answered`;
      for (const [id, settle] of this.#pending) settle({ id, error });
    });
  }

  async call<T>(name: string, argument?: unknown): Promise<T> {
    this.#calls += 1;
    const id = this.#calls;
    const answer = new Promise<Answer>((resolve) => {
      this.#pending.set(id, resolve);
    });
    this.#child.send({ id, name, argument } satisfies Call);
    const { value, error } = await answer;
    if (error !== undefined) throw new Error(error);
    return value as T;
  }

  /** At once: what is killed or stopped is not asked for anything any more. */
  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** SIGKILL, which ends what is stopped as well. */
  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
  }

  /** The worker exits by itself when nobody talks to it any more, so that a profile gets written. */
  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.disconnect();
    await ended;
  }
}

export type Handlers = Readonly<Record<string, (argument: never) => unknown>>;

/** The other side: answers calls until the parent is gone. */
export function serve(handlers: Handlers): void {
  process.on('message', ({ id, name, argument }: Call) => {
    const handler = handlers[name] as ((argument: unknown) => unknown) | undefined;
    Promise.resolve()
      .then(() => {
        if (!handler) throw new Error(`nothing answers to "${name}"`);
        return handler(argument);
      })
      .then(
        (value) => process.send?.({ id, value } satisfies Answer),
        (error: Error) => process.send?.({ id, error: error.stack ?? error.message } satisfies Answer),
      );
  });
  process.once('disconnect', () => process.exit(0));
}

/** `count` spread over `shares` as evenly as it goes. */
export function split(count: number, shares: number): number[] {
  return Array.from({ length: shares }, (_, i) => Math.floor((count + i) / shares));
}
