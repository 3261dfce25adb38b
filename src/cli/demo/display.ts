/** What a run shows while it goes on. */

/** `fault`: something broke, on purpose or not; `good`: it is well again. */
export type Tone = 'plain' | 'fault' | 'good';

export type Display = Readonly<{
  event(sentence: string, tone?: Tone): void;
  /** A few lines that are to stay in sight, in place of those before; lines that scroll away show the first ones only. */
  pin(lines: readonly string[]): void;
  /** What is going on now. */
  phase(sentence: string): void;
  /** Gives the terminal back as it was. More than once does no more. */
  close(): void;
}>;

/** `1:07.3` since the start. */
export function clockText(elapsedMs: number): string {
  const tenths = Math.floor(Math.max(0, elapsedMs) / 100);
  const [minutes, seconds] = [Math.floor(tenths / 600), (tenths % 600) / 10];
  return `${minutes}:${seconds.toFixed(1).padStart(4, '0')}`;
}

export function shorten(text: string, longest: number): string {
  return text.length <= longest ? text : `${text.slice(0, Math.max(0, longest - 1))}…`;
}

/** `1,680` */
export function thousands(count: number): string {
  return count.toLocaleString('en-US');
}

/** `1 pod`, `1,680 pods` */
export function counted(count: number, what: string): string {
  return `${thousands(count)} ${what}${count === 1 ? '' : 's'}`;
}
