/** Begins: asks the server what it has, and shows the fleet live, or a trace, or waits for a file. */
import { type About, askAbout } from './feed/about.ts';
import { startLive } from './start-live.ts';
import { startReplay, waitForFile } from './start-replay.ts';
import { byId, setText } from './views/element.ts';

const askAgainMs = 1_000;

function show({ title, mode }: About): void {
  document.title = title;
  setText(byId('title'), title);
  document.body.dataset.mode = mode;
}

async function start(): Promise<void> {
  try {
    const about = await askAbout();
    show(about);
    waitForFile();
    if (about.mode === 'live') startLive(about);
    else if (about.mode === 'replay') await startReplay(about);
  } catch (error) {
    setText(byId('connection'), `Not connected: ${(error as Error).message}`);
    setTimeout(() => void start(), askAgainMs);
  }
}

void start();
