/** The page's parts and what joins them: which pod is chosen, and when what is drawn again. */
import type { FleetPicture } from './picture/fleet-picture.ts';
import type { PodPicture } from './picture/pod-picture.ts';
import { Chart } from './views/chart.ts';
import { Datasets } from './views/datasets.ts';
import { byId, element, setText } from './views/element.ts';
import type { FaultButtons } from './views/fault-buttons.ts';
import { Grid } from './views/grid.ts';
import { Summary } from './views/summary.ts';
import { Timeline } from './views/timeline.ts';
import { lookOf, looks } from './words/roles.ts';
import { ageText } from './words/times.ts';

export type Span = Readonly<{ fromAt: number; toAt: number }>;

export class Page {
  readonly timeline: Timeline;
  readonly #summary = new Summary({
    leader: byId('leader'),
    counts: byId('counts'),
    spoken: byId('spoken'),
    failure: byId('fleet-failure'),
  });
  readonly #grid: Grid;
  readonly #chart = new Chart({ tabs: byId('chart-tabs'), host: byId('chart'), words: byId('chart-words') });
  readonly #datasets = new Datasets(byId('datasets'));
  /** Undefined: whoever leads. */
  #chosen: string | undefined;
  buttons: FaultButtons | undefined;
  onChoose: () => void = () => {};

  constructor(timeText: (at: number) => string) {
    this.#grid = new Grid(byId('grid'), (podId) => {
      this.#chosen = podId;
      this.onChoose();
    });
    this.timeline = new Timeline(
      { list: byId('timeline'), strip: byId('strip') as HTMLCanvasElement, filters: byId('filters') },
      timeText,
    );
  }

  render(picture: FleetPicture, now: number, { fromAt, toAt }: Span): void {
    const pod = this.chosen(picture);
    this.#summary.render(picture);
    this.#grid.render(picture, now, pod?.podId);
    this.#datasets.render(picture, now);
    this.#chart.render(pod);
    this.#renderPod(pod, now);
    this.timeline.render(picture, fromAt, toAt);
    this.buttons?.render(pod && pod.goneAt === undefined ? pod.label : undefined);
  }

  /** The pod that the chart is of. */
  chosen(picture: FleetPicture): PodPicture | undefined {
    const shown = picture.shown();
    const chosen = shown.find(({ podId }) => podId === this.#chosen);
    return chosen ?? shown.find(({ podId }) => podId === picture.leader?.podId) ?? shown[0];
  }

  #renderPod(pod: PodPicture | undefined, now: number): void {
    setText(byId('pod-name'), pod ? pod.label : 'No pod');
    const facts = byId('pod-facts');
    if (!pod) {
      facts.replaceChildren();
      return;
    }
    const revisions = [...pod.versions]
      .toSorted()
      .map(([name, { revision }]) => `${name} ${revision}`)
      .join(', ');
    const told: [string, string][] = [
      ['State', looks[lookOf(pod)].name],
      ['Epoch', String(pod.epoch)],
      ['Serves', revisions || 'nothing yet'],
      ['Heard of', `${ageText(now - pod.heardAt)} ago`],
      ['Id', pod.podId],
      ...(pod.failure === undefined ? [] : [['Trouble', pod.failure] as [string, string]]),
    ];
    const key = JSON.stringify(told);
    if (facts.dataset.shown === key) return;
    facts.dataset.shown = key;
    facts.replaceChildren(...told.flatMap(([name, text]) => [element('dt', {}, name), element('dd', {}, text)]));
  }
}

/** News may come many times a second; the eye wants ten. */
export function throttled(run: () => void, intervalMs = 100): () => void {
  let isDue = false;
  return () => {
    if (isDue) return;
    isDue = true;
    setTimeout(() => {
      isDue = false;
      requestAnimationFrame(run);
    }, intervalMs);
  };
}
