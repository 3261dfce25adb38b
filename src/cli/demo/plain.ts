/** Lines for logs, pipes and CI: one at each event, and a status every few seconds. */
import { clockText, counted, type Display, thousands } from './display.ts';
import { rolesText, type View } from './view.ts';

const statusIntervalMs = 5_000;

export function plainDisplay(write: (text: string) => void, now: () => { elapsedMs: number; view: View }): Display {
  const line = (elapsedMs: number, text: string) => write(`${clockText(elapsedMs).padStart(6)}  ${text}\n`);
  let phase = '';
  let isPinned = false;
  const timer = setInterval(() => {
    const { elapsedMs, view } = now();
    line(elapsedMs, statusText(view));
  }, statusIntervalMs);
  return {
    event: (sentence) => line(now().elapsedMs, sentence),
    pin: (lines) => {
      if (!isPinned) write(lines.map((text) => `        ${text}\n`).join(''));
      isPinned = true;
    },
    phase: (sentence) => {
      if (sentence !== phase) line(now().elapsedMs, `== ${sentence}`);
      phase = sentence;
    },
    close: () => clearInterval(timer),
  };
}

function statusText({ leader, roles, datasets, pods, starting, comparison }: View): string {
  const who = leader ? `leader ${leader.label} (epoch ${leader.epoch})` : 'no leader';
  const what = datasets.map(({ name, revision, holders }) => `${name} ${revision} on ${holders}/${pods}`);
  const calls = datasets.map(({ name, calls: count }) => `${count} ${name}`).join(' + ');
  const since = comparison
    ? ` (since all serve ${comparison.rates + comparison.terms}, where ${counted(comparison.pods, 'pod')} alone would make ${thousands(2 * comparison.alone)})`
    : '';
  const count = starting > 0 ? `${pods - starting} pods run, ${starting} starting | ` : '';
  return `   ${count}${who} | ${rolesText(roles)} | ${what.join(', ')} | API calls: ${calls}${since}`;
}
