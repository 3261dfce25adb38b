/** Buttons that do real faults. There are some only where the server offers them: in the demo. */
import type { FaultButton } from '../feed/about.ts';
import { element, setText } from './element.ts';

type Parts = Readonly<{ host: HTMLElement; answer: HTMLElement }>;

export class FaultButtons {
  readonly #parts: Parts;
  readonly #ofPod: { button: HTMLButtonElement; label: string }[] = [];

  constructor(parts: Parts, faults: readonly FaultButton[], inject: (name: string) => Promise<string>) {
    this.#parts = parts;
    for (const group of new Set(faults.map((fault) => fault.group))) {
      const heading = element('h3', {}, group);
      const buttons = faults.filter((fault) => fault.group === group).map((fault) => this.#button(fault, inject));
      parts.host.append(
        element('div', { class: 'fault-group', role: 'group', 'aria-label': group }, heading, ...buttons),
      );
    }
  }

  /** Those that do something to a pod name it. */
  render(podLabel: string | undefined): void {
    for (const { button, label } of this.#ofPod) {
      setText(button, label.replace('{pod}', podLabel ?? 'pod'));
      button.disabled = podLabel === undefined;
    }
  }

  #button({ name, label, needsPod }: FaultButton, inject: (name: string) => Promise<string>): HTMLButtonElement {
    const button = element('button', { type: 'button', 'data-fault': name }, label);
    button.addEventListener('click', () => {
      setText(this.#parts.answer, `${button.textContent} …`);
      inject(name).then((sentence) => setText(this.#parts.answer, sentence), console.error);
    });
    if (needsPod) this.#ofPod.push({ button, label });
    return button;
  }
}
