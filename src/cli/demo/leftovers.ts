/** What was started and must not outlive the run. The last comes first. */

type Leftover = Readonly<{
  /** In order. */
  end?: () => Promise<void>;
  /** Without waiting for anything: the process is about to exit. */
  endAtOnce?: () => void;
}>;

export class Leftovers {
  readonly #leftovers: Leftover[] = [];

  add(leftover: Leftover): void {
    this.#leftovers.push(leftover);
  }

  async end(): Promise<void> {
    for (let leftover = this.#leftovers.pop(); leftover; leftover = this.#leftovers.pop()) {
      if (leftover.end) await leftover.end();
      else leftover.endAtOnce?.();
    }
  }

  endAtOnce(): void {
    for (const { endAtOnce } of this.#leftovers.splice(0).reverse()) endAtOnce?.();
  }
}
