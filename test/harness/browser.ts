/** Real Chromium, driven by playwright-core. Whoever launches it closes it. */
import { type Browser, chromium } from 'playwright-core';
import { ensureTool } from './tool.ts';

export type Theme = 'light' | 'dark';

export async function launchBrowser(): Promise<Browser> {
  // As root, as in a container, its sandbox does not work.
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return chromium.launch({ executablePath: ensureTool('chromium'), args });
}
