/** The dashboard in real Chromium: opened on an address, with everything that the browser complained of. */
import axe, { type RunOptions } from 'axe-core';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect } from 'vitest';
import { launchBrowser } from '../harness/browser.ts';
import { writeDashboard } from '../package/build.ts';

type Browser = Awaited<ReturnType<typeof launchBrowser>>;

export type Dashboard = Page & { complaints: string[] };

const screen = { width: 1400, height: 1000 };

/** One browser for the tests of a file; from the sources the page stands where `npm run build` puts it. */
export function usingBrowser(): (url: string, options?: { isAllowed?: RegExp }) => Promise<Dashboard> {
  let browser: Browser;
  beforeAll(async () => {
    await writeDashboard('dist');
    browser = await launchBrowser();
  }, 120_000);
  afterAll(() => browser.close());
  let pages: Dashboard[] = [];
  beforeEach(() => {
    pages = [];
    return async () => {
      for (const page of pages) {
        expect(page.complaints).toEqual([]);
        await page.close();
      }
    };
  });
  return async (url, { isAllowed = /^$/ } = {}) => {
    const complaints: string[] = [];
    const page = Object.assign(await browser.newPage({ viewport: screen }), { complaints });
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type()) && !isAllowed.test(message.text()))
        complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('request', (request) => {
      const own = url.startsWith('file:') ? url : new URL(url).origin;
      if (!request.url().startsWith(own) && !request.url().startsWith('data:'))
        complaints.push(`a request to ${request.url()}`);
    });
    await page.goto(url);
    pages.push(page);
    return page;
  };
}

export const leaderText = (page: Page) => page.locator('#leader').textContent();

/** Every text that an element has from now on: some stand for less time than a look from outside takes. */
export async function textsOf(page: Page, selector: string): Promise<() => Promise<string[]>> {
  const texts = await page.locator(selector).evaluateHandle((element) => {
    const seen: string[] = [];
    const note = () => seen.push(element.textContent ?? '');
    new MutationObserver(note).observe(element, { childList: true, characterData: true, subtree: true });
    return seen;
  });
  return () => texts.jsonValue();
}

const standards: RunOptions = {
  runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
  // What stands in a cell is its name in short: the first letter of the state, the pod's number, r and the revision.
  rules: { 'label-content-name-mismatch': { enabled: false } },
};

/** What axe-core finds on the page as it is now, in both themes: a line each. */
export async function barriers(page: Page): Promise<string[]> {
  const found: string[] = [];
  await page.evaluate(axe.source);
  for (const colorScheme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme });
    const { violations, passes } = await page.evaluate(
      (options) => (globalThis as unknown as { axe: typeof axe }).axe.run(options),
      standards,
    );
    expect(passes.length).toBeGreaterThan(10);
    for (const { id, help, nodes } of violations)
      found.push(...nodes.map(({ html }) => `${colorScheme}: ${id}: ${help}: ${html.slice(0, 200)}`));
  }
  return found;
}

export async function epochOf(page: Page): Promise<number> {
  return Number(/epoch (?:was )?(\d+)/.exec((await leaderText(page)) ?? '')?.[1] ?? 0);
}

/** Cells of pods that live, in this state or any. */
export function cells(page: Page, look?: string) {
  return page.locator(`.cell[data-state="live"]${look === undefined ? '' : `[data-look="${look}"]`}`);
}
