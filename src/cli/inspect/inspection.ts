/** What a key holds: for a person, and as data. */
export type Inspection = Readonly<{
  /** Holds what it should. */
  isReadable: boolean;
  lines: readonly string[];
  value: unknown;
}>;

/** So many entries of a list, hash or sorted set are shown. */
export const mostEntries = 100;

export const since = (at: number): string =>
  Number.isFinite(at) && Math.abs(at) < 8.64e15 ? new Date(at).toISOString() : String(at);
