/** Numbers for values: equal text, equal number. What a number stands for is never changed. */
export class Interned<T> {
  readonly #ids = new Map<string, number>();
  readonly #values: T[] = [];
  /** Of those of `#values` that were asked for by themselves. */
  readonly #numbers = new Map<T, number>();

  get size(): number {
    return this.#values.length;
  }

  /** `make` runs only for a text that is new. */
  idOf(text: string, make: () => T): number {
    const known = this.#ids.get(text);
    if (known !== undefined) return known;
    const id = this.#values.length;
    this.#ids.set(text, id);
    this.#values.push(make());
    return id;
  }

  /** Of a value that is likely to be one that `get` gave: its text is made only if it isn't. */
  numberOf(value: T, textOfValue: (value: T) => string): number {
    const known = this.#numbers.get(value);
    if (known !== undefined) return known;
    const id = this.idOf(textOfValue(value), () => value);
    if (this.#values[id] === value) this.#numbers.set(value, id);
    return id;
  }

  get(id: number): T {
    const value = this.#values[id];
    if (value === undefined) throw new Error(`Nothing has the number ${id}.`);
    return value;
  }
}

/** Equal for equal plain data that was put together in one order; bytes are shown as text. */
export function textOf(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => {
    const bytes = part as { type?: unknown; data?: unknown } | null;
    return bytes?.type === 'Buffer' ? Buffer.from(bytes.data as number[]).toString() : part;
  });
}

/** Remembers what was made of an object that never changes. */
export function remembered<From extends object, To>(make: (from: From) => To): (from: From) => To {
  const known = new WeakMap<From, To>();
  return (from) => {
    const old = known.get(from);
    if (old !== undefined) return old;
    const made = make(from);
    known.set(from, made);
    return made;
  };
}
