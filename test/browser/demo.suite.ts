/** The dashboard of the running demo: real pods, a real Redis, and buttons that do real faults. */
import { beforeAll, describe, expect, test } from 'vitest';
import { type Started, start } from '../cli/bellwether.ts';
import { barriers, cells, epochOf, leaderText, usingBrowser } from './page.ts';

export function demoSuite(pods: number): void {
  const open = usingBrowser();
  let demo: Started;
  let url: string;

  beforeAll(async () => {
    demo = start(['demo', '--pods', String(pods), '--interval', '2s', '--no-faults', '--keep']);
    await demo.says(/running on until Ctrl-C/);
    url = /See it {2}(\S+)/.exec(demo.output())?.[1] ?? '';
  }, 180_000);

  describe('the dashboard of the demo', () => {
    test('shows every pod, one of them the leader, with epoch, revision and what the calls would have been', async () => {
      const page = await open(url);
      await expect.poll(() => cells(page).count()).toBe(pods);
      expect(await cells(page, 'leader').count()).toBe(1);
      expect(await cells(page, 'follower').count()).toBe(pods - 1);
      expect(await leaderText(page)).toMatch(/^pod \d+ leads, epoch 1$/);
      expect(await cells(page, 'leader').getAttribute('aria-label')).toMatch(
        /^pod \d+, leader, epoch 1, rates \d+, terms \d+, heard of \d+ s ago$/,
      );
      const row = page.locator('#datasets tbody tr').first();
      await expect.poll(() => row.textContent()).toMatch(new RegExp(`rates\\d+\\d s${pods} of ${pods}`));
      // The chosen pod is the leader: its refresh machines run and their states are lit.
      await page.getByRole('tab', { name: 'refresh:rates' }).click();
      await expect.poll(() => page.locator('#chart .state.active').count()).toBeGreaterThan(0);
      await expect.poll(() => page.locator('#chart .transition.taken').count(), { timeout: 10_000 }).toBeGreaterThan(0);
      expect(await barriers(page)).toEqual([]);
    });

    test('kill leader: another pod leads under a higher epoch, and the timeline tells it', async () => {
      const page = await open(url);
      await expect.poll(() => cells(page, 'leader').count()).toBe(1);
      const [before, epoch] = [await leaderText(page), await epochOf(page)];
      await page.getByRole('button', { name: 'Kill leader' }).click();
      await expect.poll(() => page.locator('#fault-answer').textContent(), { timeout: 20_000 }).toMatch(/was killed/);
      await expect.poll(() => epochOf(page), { timeout: 20_000 }).toBeGreaterThan(epoch);
      await expect.poll(() => cells(page, 'leader').count()).toBe(1);
      expect(await leaderText(page)).not.toBe(before);
      await expect.poll(() => page.locator('#timeline').textContent()).toContain('took over');
      await expect.poll(() => cells(page).count(), { timeout: 20_000 }).toBe(pods);
    }, 60_000);

    test('stop and start Redis: every pod is degraded, then none', async () => {
      const page = await open(url);
      await page.getByRole('button', { name: 'Stop Redis' }).click();
      await expect.poll(() => cells(page, 'degraded').count(), { timeout: 15_000 }).toBe(pods);
      await expect.poll(() => leaderText(page)).toMatch(/^No pod leads/);
      await page.getByRole('button', { name: 'Start Redis' }).click();
      await expect.poll(() => cells(page, 'degraded').count(), { timeout: 20_000 }).toBe(0);
      await expect.poll(() => cells(page, 'leader').count(), { timeout: 20_000 }).toBe(1);
      await expect.poll(() => page.locator('#timeline').textContent()).toContain('gave rates back');
    }, 60_000);

    test('a pod that is cut off or paused shows it, and comes back', async () => {
      const page = await open(url);
      const cell = cells(page, 'follower').last();
      const podId = (await cell.getAttribute('data-pod')) ?? '';
      const same = page.locator(`[data-pod="${podId}"]`);
      await same.click();
      await page.locator('[data-fault="cut"]').click();
      await expect.poll(() => same.getAttribute('data-look'), { timeout: 10_000 }).toBe('degraded');
      await page.locator('[data-fault="heal"]').click();
      await expect.poll(() => same.getAttribute('data-look'), { timeout: 10_000 }).toBe('follower');
      await page.locator('[data-fault="pause"]').click();
      await expect.poll(() => same.getAttribute('data-look'), { timeout: 10_000 }).toBe('paused');
      await page.locator('[data-fault="resume"]').click();
      await expect.poll(() => same.getAttribute('data-look'), { timeout: 10_000 }).toBe('follower');
    }, 60_000);

    test('works from the keyboard: arrows choose a pod, and focus goes with them', async () => {
      const page = await open(url);
      await cells(page).first().focus();
      await page.keyboard.press('End');
      await page.keyboard.press('ArrowLeft');
      const chosen = page.locator('.cell[aria-selected="true"]');
      const last = (await cells(page).count()) - 2;
      await expect
        .poll(() => chosen.getAttribute('data-pod'))
        .toBe(await cells(page).nth(last).getAttribute('data-pod'));
      expect(await chosen.evaluate((cell) => cell.matches(':focus'))).toBe(true);
      const name = (await chosen.getAttribute('aria-label'))?.split(',')[0];
      await expect.poll(() => page.locator('#pod-name').textContent()).toBe(name);
    });

    test('a fault is done for this page alone: another site, or another name of this host, is refused', async () => {
      const faults = `${new URL(url).origin}/dashboard/faults/redis-stop`;
      const send = (headers: Record<string, string>) =>
        fetch(faults, { method: 'POST', body: '{}', headers }).then(({ status }) => status);
      expect(await send({ 'content-type': 'text/plain' })).toBe(403);
      expect(await send({ 'content-type': 'application/json', origin: 'https://elsewhere.example' })).toBe(403);
    });

    test('ends well, whatever was done by hand', async () => {
      demo.child.kill('SIGINT');
      const { code, stdout } = await demo.ended;
      expect(code, stdout).toBe(0);
      expect(stdout).not.toContain('BROKEN');
    }, 90_000);
  });
}
