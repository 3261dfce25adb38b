/** Replay in the browser: a counterexample of the model checker, a file of the reader's own; and the page itself. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { readTrace, type TraceLine, traceText } from '../../machines/index.ts';
import { explore, leaderElected, simulateFleet } from '../../src/testing/index.ts';
import { bellwether, start } from '../cli/bellwether.ts';
import { temporaryFolder } from '../harness/leftovers.ts';
import { type Bug, brokenOptions, bugs } from '../model/bugs.ts';
import { dashboard } from '../package/build.ts';
import { barriers, cells, leaderText, textsOf, usingBrowser } from './page.ts';

const open = usingBrowser();
const builtPage = resolve('dist', dashboard);

function fileOf(lines: readonly TraceLine[]): string {
  const file = join(temporaryFolder(), 'a.jsonl');
  writeFileSync(file, traceText(lines));
  return file;
}

async function replayOf(file: string): Promise<{ url: string; end(): Promise<number | null> }> {
  const running = start(['replay', file]);
  await running.says(/Open http/);
  const [, url = ''] = /Open (\S+)/.exec(running.output()) ?? [];
  return {
    url,
    end: async () => {
      running.child.kill('SIGINT');
      return (await running.ended).code;
    },
  };
}

describe('bellwether replay', () => {
  test('steps through a counterexample of the checker, there and back, to the publication that broke the promise', async () => {
    const bug = bugs.find(({ what }) => what === 'publish without a fence') as Bug;
    const { counterexample } = await explore(brokenOptions(bug));
    const trace = counterexample?.trace ?? [];
    expect(readTrace(traceText(trace))).toEqual({ lines: trace, refused: [] });
    const { url, end } = await replayOf(fileOf(trace));
    const page = await open(url);
    await expect.poll(() => page.locator('#place').textContent()).toMatch(/^step 1 of \d+ · 0:00\.00$/);
    const steps = Number(await page.locator('#slider').getAttribute('max'));
    expect(steps).toBeGreaterThanOrEqual(counterexample?.steps.length ?? 0);
    await page.getByRole('button', { name: 'One step forward' }).click();
    expect(await page.locator('#place').textContent()).toMatch(/^step 2 of/);
    await page.keyboard.press(',');
    expect(await page.locator('#place').textContent()).toMatch(/^step 1 of/);
    // Half-way the pod of the model is lit in the chart.
    await page.locator('#slider').fill(String(Math.floor(steps / 2)));
    expect(await cells(page).count()).toBeGreaterThan(0);
    expect(await page.locator('#chart .state.active').count()).toBeGreaterThan(0);
    await page.locator('#slider').fill(String(steps));
    expect(await page.locator('#place').textContent()).toMatch(new RegExp(`^step ${steps + 1} of`));
    // At the end it is dead, and what it had sent before arrives: in the sequence chart.
    expect(await cells(page).count()).toBe(0);
    const rows = page.locator('#sequence .row');
    expect(await barriers(page)).toEqual([]);
    expect(await rows.last().textContent()).toBe((await page.locator('#sequence .row.last').textContent()) ?? '');
    expect(await page.locator('#sequence').textContent()).toContain('publications.publish');
    expect(await page.locator('#sequence .lane-name').allTextContents()).toEqual(
      expect.arrayContaining(['Redis', 'Source']),
    );
    expect(await end()).toBe(0);
  }, 90_000);

  test('plays a simulation: who leads changes as it did', async () => {
    const fleet = await simulateFleet({ pods: 3, seed: 5, datasets: { rates: { refreshInterval: '1m' } } });
    await fleet.until(leaderElected);
    fleet.leader.crash();
    await fleet.until(leaderElected);
    const { url, end } = await replayOf(fileOf(fleet.trace));
    const page = await open(url);
    const shown = await textsOf(page, '#leader');
    await page.locator('#speed').selectOption('25');
    await page.getByRole('button', { name: 'Play' }).click();
    await expect.poll(() => leaderText(page), { timeout: 20_000 }).toMatch(/leads, epoch 2/);
    const epochs = (await shown()).flatMap((text) => /leads, epoch (\d+)/.exec(text)?.[1] ?? []);
    expect([...new Set(epochs)]).toEqual(['1', '2']);
    expect(await page.locator('.cell[data-look="gone"]').count()).toBe(1);
    await page.locator('#slider').fill('0');
    expect(await leaderText(page)).toMatch(/^No pod leads/);
    expect(await end()).toBe(0);
  }, 60_000);

  test.each([
    [[], /^bellwether: Which file\? Write "bellwether replay FILE", .*\n$/],
    [['nowhere.jsonl'], /^bellwether: nowhere\.jsonl could not be read: ENOENT.*\n$/],
    [['package.json'], /^bellwether: package\.json holds no line of a trace: name a trace file, .*\n$/],
    [['package.json', '--port', 'x'], /^bellwether: --port: expected a port number .*\n$/],
  ])('%j: one sentence and exit code 2', async (args, sentence) => {
    const { code, stderr } = await bellwether(['replay', ...args]);
    expect(code).toBe(2);
    expect(stderr).toMatch(sentence);
  });
});

describe('the page', () => {
  test('weighs at most 150 KB compressed', () => {
    const page = readFileSync(builtPage);
    const kilobytes = gzipSync(page).byteLength / 1_000;
    console.log(`the dashboard: ${Math.round(page.byteLength / 1_000)} KB, ${kilobytes.toFixed(1)} KB compressed`);
    expect(kilobytes).toBeLessThanOrEqual(150);
  });

  test('works offline, from a file, with a trace that the reader chooses', async () => {
    const fleet = await simulateFleet({ pods: 2, seed: 1, datasets: { rates: { refreshInterval: '1m' } } });
    await fleet.until(leaderElected);
    const page = await open(pathToFileURL(builtPage).href);
    await page.locator('#file').setInputFiles(fileOf(fleet.trace));
    await expect.poll(() => page.locator('#title').textContent()).toBe('a.jsonl');
    await page.locator('#slider').fill(String(await page.locator('#slider').getAttribute('max')));
    expect(await leaderText(page)).toMatch(/leads, epoch 1/);
    expect(await cells(page, 'leader').count()).toBe(1);
  }, 60_000);

  test('names everything for a screen reader, and lets nothing stand out of a phone', async () => {
    const fleet = await simulateFleet({ pods: 2, seed: 1, datasets: { rates: { refreshInterval: '1m' } } });
    await fleet.until(leaderElected);
    const { url, end } = await replayOf(fileOf(fleet.trace));
    const page = await open(url);
    await expect.poll(() => cells(page).count()).toBeGreaterThan(0);
    const unnamed = await page.locator('button, select, input, [role]').evaluateAll((controls) =>
      controls
        .filter((control) => {
          const labels = (control as unknown as { labels?: ArrayLike<unknown> }).labels;
          const isNamed =
            control.getAttribute('aria-label') ??
            control.getAttribute('aria-labelledby') ??
            control.textContent?.trim();
          return control.checkVisibility() && !isNamed && !(labels && labels.length > 0) && control.role !== 'status';
        })
        .map((control) => control.outerHTML),
    );
    expect(unnamed).toEqual([]);
    await page.setViewportSize({ width: 360, height: 740 });
    const overhang = await page.locator('html').evaluate((html) => html.scrollWidth - html.clientWidth);
    expect(overhang).toBe(0);
    expect(await end()).toBe(0);
  }, 60_000);
});
