/**
 * Finds in a text what may be lines of a trace: JSON objects with a `type` and a time. A line of a service's log (pino)
 * says `event` for `type` and `time` for `at`, and may stand behind a prefix, as `kubectl logs --prefix` writes it.
 *
 * Non-guarantee: that they are what `TraceLine` describes. A browser, where that schema would be most of the page, shows
 * what it knows of them.
 */

export type LogLine = Readonly<{ number: number; value: Readonly<Record<string, unknown>> }>;

/** What pino adds to every line. */
const ofLogger = ['level', 'time', 'pid', 'hostname', 'name', 'msg', 'event', 'v'];
/** One fact may be two sentences of a log. */
const sameFactMs = 50;

export function linesIn(text: string): LogLine[] {
  const found: LogLine[] = [];
  const last = new Map<unknown, { fact: string; at: number }>();
  for (const [index, row] of text.split('\n').entries()) {
    const parsed = objectIn(row);
    if (!parsed) continue;
    const value = 'event' in parsed ? factOf(parsed) : parsed;
    if (typeof value.type !== 'string' || typeof value.at !== 'number') continue;
    if (value !== parsed) {
      const { at, ...rest } = value;
      const fact = JSON.stringify(rest);
      const before = last.get(value.podId);
      last.set(value.podId, { fact, at });
      if (before?.fact === fact && Math.abs(at - before.at) <= sameFactMs) continue;
    }
    found.push({ number: index + 1, value });
  }
  return found;
}

function objectIn(row: string): Record<string, unknown> | undefined {
  const start = row.indexOf('{');
  if (start < 0) return undefined;
  try {
    const value: unknown = JSON.parse(row.slice(start));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function factOf(logged: Record<string, unknown>): Record<string, unknown> & { at: number } {
  const fields = Object.entries(logged).filter(([name]) => !ofLogger.includes(name));
  const { time, event } = logged;
  // pino's own is a number; `isoTime`, or a collector on the way, writes text.
  const at = typeof time === 'string' ? Date.parse(time) : Number(time);
  return { type: event, at, ...Object.fromEntries(fields) };
}
