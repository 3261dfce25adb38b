/** The page with a trace: from the server that was given a file, or from a file of the reader's own. */
import type { TraceLine } from '../../machines/trace-file.ts';
import type { About } from './feed/about.ts';
import { Replay, readLines } from './feed/replay.ts';
import { Page } from './page.ts';
import { byId, setText } from './views/element.ts';
import { ReplayBar } from './views/replay-bar.ts';
import { Sequence } from './views/sequence.ts';
import { elapsedText } from './words/times.ts';

export async function startReplay({ startAt }: About): Promise<void> {
  const response = await fetch('dashboard/trace');
  if (!response.ok) throw new Error(`the server answered ${response.status}`);
  showTrace(readLines(await response.text()), startAt);
}

function showTrace(lines: readonly TraceLine[], startAt?: number): void {
  const replay = new Replay(lines);
  document.body.dataset.mode = 'replay';
  const timeText = (at: number) => elapsedText(at - replay.startAt);
  const page = new Page(timeText);
  const sequence = new Sequence(byId('sequence'), timeText);
  const render = () => {
    const at = replay.line?.at ?? 0;
    const heard = replay.heard();
    page.timeline.replace(heard);
    page.render(replay.picture, at, { fromAt: replay.startAt, toAt: replay.endAt });
    sequence.render(heard, replay.picture);
  };
  page.onChoose = render;
  if (startAt !== undefined) replay.toTime(startAt);
  new ReplayBar(
    {
      back: byId('step-back') as HTMLButtonElement,
      forward: byId('step-forward') as HTMLButtonElement,
      play: byId('play') as HTMLButtonElement,
      speed: byId('speed') as HTMLSelectElement,
      slider: byId('slider') as HTMLInputElement,
      place: byId('place'),
    },
    replay,
    render,
  );
  render();
}

/** A file that is chosen or dropped is shown on a fresh page: nothing of what was before is left. */
export function waitForFile(): void {
  const input = byId('file') as HTMLInputElement;
  const open = async (file: File | undefined) => {
    if (!file) return;
    const lines = readLines(await file.text());
    if (lines.length === 0) {
      setText(
        byId('file-answer'),
        `${file.name} holds no line of a trace: choose a trace file or a log in JSON lines.`,
      );
      return;
    }
    setText(byId('title'), file.name);
    byId('file-section').hidden = true;
    showTrace(lines);
  };
  input.addEventListener('change', () => void open(input.files?.[0]));
  document.addEventListener('dragover', (event) => event.preventDefault());
  document.addEventListener('drop', (event) => {
    event.preventDefault();
    if (document.body.dataset.mode === 'file') void open(event.dataTransfer?.files[0]);
  });
}
