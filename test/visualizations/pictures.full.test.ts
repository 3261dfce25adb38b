/** The pictures in real Chromium, measured there: nothing overlaps and nothing is cut. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchBrowser, type Theme } from '../harness/browser.ts';
import { pictures, readPicture } from './pictures.ts';

type Area = Readonly<{ name: string; x: number; y: number; width: number; height: number }>;
type Measured = Readonly<{
  picture: Area;
  texts: readonly Readonly<{ text: Area; state: string | undefined }>[];
  labels: readonly Area[];
  frames: readonly Area[];
  /** Ends of straight pieces of lines. */
  pieces: readonly Area[];
}>;

/** What a browser rounds. */
const tolerancePx = 0.6;

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

async function open(svg: string, colorScheme: Theme = 'light'): Promise<Page> {
  const page = await browser.newPage({ colorScheme });
  await page.setContent(`<body style="margin: 0">${svg}</body>`);
  return page;
}

/** Runs in the page, so it is text: this project has no types of a browser. */
const measuring = `(() => {
  const place = (node, name) => {
    const { x, y, width, height } = node.getBoundingClientRect();
    return { name, x, y: y + scrollY, width, height };
  };
  const all = (selector) => [...document.querySelectorAll(selector)];
  const lines = all('.edge[id] path').map((path) => [path.parentNode.id, path.getAttribute('d').match(/-?[0-9.]+/g).map(Number)]);
  return {
    picture: place(document.querySelector('svg'), 'picture'),
    texts: all('svg text').map((text) => ({
      text: place(text, text.textContent),
      state: text.closest('.texts')?.dataset.state,
    })),
    labels: all('.texts text').map((text) => place(text, text.closest('.texts').dataset.state + ' ' + text.textContent)),
    frames: all('.state > .frame').map((frame) => place(frame, frame.parentNode.id)),
    pieces: lines.flatMap(([name, numbers]) => {
      const pieces = [];
      for (let i = 0; i + 3 < numbers.length; i += 2) {
        const [x1, y1, x2, y2] = numbers.slice(i, i + 4);
        pieces.push({ name, x: Math.min(x1, x2), y: Math.min(y1, y2), width: Math.abs(x1 - x2), height: Math.abs(y1 - y2) });
      }
      return pieces;
    }),
  };
})()`;

function overlaps(a: Area, b: Area): boolean {
  const across = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const down = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  return across > tolerancePx && down > tolerancePx;
}

/** Lines have no width of their own: a piece touches a text when it runs through it. */
function runsThrough(piece: Area, text: Area): boolean {
  return overlaps(
    { ...piece, x: piece.x - 0.5, y: piece.y - 0.5, width: piece.width + 1, height: piece.height + 1 },
    text,
  );
}

function isIn(inner: Area, outer: Area): boolean {
  return (
    inner.x >= outer.x - tolerancePx &&
    inner.y >= outer.y - tolerancePx &&
    inner.x + inner.width <= outer.x + outer.width + tolerancePx &&
    inner.y + inner.height <= outer.y + outer.height + tolerancePx
  );
}

/** @returns one sentence for each thing that is not as it should be */
function faultsOf({ picture, texts, labels, frames, pieces }: Measured): string[] {
  const frameOf = new Map(frames.map((frame) => [frame.name, frame]));
  // Text boxes are as high as the font's tallest letter could be; neighbours in a list may touch by their margins.
  const inked = labels.map((label) => ({ ...label, y: label.y + 2, height: label.height - 4 }));
  const titles = new Set(frames.map(({ name }) => `${name} ${name.split('.').at(-1)}`));
  return [
    ...texts
      .filter(({ text }) => !isIn(text, picture))
      .map(({ text }) => `"${text.name}" is cut by the picture's edge`),
    ...texts.flatMap(({ text, state }) => {
      const frame = state === undefined ? undefined : frameOf.get(state);
      return frame && !isIn(text, frame) ? [`"${text.name}" is not within ${frame.name}`] : [];
    }),
    ...inked.flatMap((a, index) =>
      inked.slice(index + 1).flatMap((b) => (overlaps(a, b) ? [`"${a.name}" overlaps "${b.name}"`] : [])),
    ),
    ...inked
      .filter(({ name }) => !titles.has(name))
      .flatMap((label) =>
        pieces.flatMap((piece) => (runsThrough(piece, label) ? [`${piece.name} runs through "${label.name}"`] : [])),
      ),
  ];
}

describe.each(pictures)('%s', (name) => {
  test('has no text that is cut, leaves its state, or meets another text or a line', async () => {
    const page = await open(readPicture(name));
    const measured = (await page.evaluate(measuring)) as Measured;
    expect(measured.labels.length).toBeGreaterThan(15);
    expect(measured.pieces.length).toBeGreaterThan(10);
    expect(faultsOf(measured)).toEqual([]);
    await page.close();
  });

  test('can be read at the width of a README', async () => {
    const page = await open(readPicture(name));
    const { picture } = (await page.evaluate(measuring)) as Measured;
    const labelPx = 13 * Math.min(1, 850 / picture.width);
    expect(labelPx).toBeGreaterThanOrEqual(10);
    await page.close();
  });

  test('has another ground and other letters in the dark', async () => {
    const colours = `['.ground', '.title', '.trigger', '.failover .trigger'].map((s) => getComputedStyle(document.querySelector(s)).fill)`;
    const light = await open(readPicture(name), 'light');
    const dark = await open(readPicture(name), 'dark');
    const [inLight, inDark] = [await light.evaluate(colours), await dark.evaluate(colours)] as [string[], string[]];
    for (const [index, colour] of inLight.entries()) expect(inDark[index]).not.toBe(colour);
    await Promise.all([light.close(), dark.close()]);
  });
});

test('a label that is moved onto another one, or out of its state, is found', async () => {
  const svg = readPicture('lease.svg');
  const [line] = /<text class="trigger" x="[\d.]+" y="[\d.]+">after beliefLeft</.exec(svg) ?? [];
  if (!line) throw new Error('the picture has no such label');
  for (const [y, fault] of [
    [-14, /overlaps/],
    [3_000, /is not within/],
  ] as const) {
    const page = await open(
      svg.replace(
        line,
        line.replace(/y="([\d.]+)"/, (_, old) => `y="${Number(old) + y}"`),
      ),
    );
    const faults = faultsOf((await page.evaluate(measuring)) as Measured);
    expect(faults.join('\n')).toMatch(fault);
    await page.close();
  }
});
