/** The page with a live feed. */
import type { About } from './feed/about.ts';
import { injectFault, listenLive } from './feed/live.ts';
import { Page, throttled } from './page.ts';
import { FleetPicture } from './picture/fleet-picture.ts';
import { byId, setText } from './views/element.ts';
import { FaultButtons } from './views/fault-buttons.ts';
import { clockText } from './words/times.ts';

/** What the strip of the timeline shows. */
const stripMs = 120_000;
/** Ages grow also when nothing is told. */
const tickMs = 1_000;

export function startLive({ faults }: About): void {
  const page = new Page(clockText);
  let picture = new FleetPicture();
  /** How far the server's clock is ahead of this one. */
  let aheadMs = 0;
  const now = () => Date.now() + aheadMs;
  const render = throttled(() => {
    const at = now();
    picture.at = Math.max(picture.at, at);
    page.render(picture, at, { fromAt: at - stripMs, toAt: at });
  });
  page.onChoose = render;
  if (faults.length > 0) {
    byId('faults-section').hidden = false;
    page.buttons = new FaultButtons({ host: byId('faults'), answer: byId('fault-answer') }, faults, (name) =>
      injectFault(name, page.chosen(picture)?.podId),
    );
  }
  listenLive({
    onState: ({ now: serverNow, lines }) => {
      aheadMs = serverNow - Date.now();
      picture = new FleetPicture();
      for (const line of lines) picture.hear(line);
      page.timeline.replace(lines);
      render();
    },
    onNews: ({ now: serverNow, lines }) => {
      aheadMs = serverNow - Date.now();
      for (const line of lines) picture.hear(line);
      page.timeline.add(lines);
      render();
    },
    onConnection: (isUp) => {
      document.body.dataset.connection = isUp ? 'up' : 'down';
      setText(byId('connection'), isUp ? '● live' : '○ connection lost, trying again');
    },
  });
  setInterval(render, tickMs);
}
