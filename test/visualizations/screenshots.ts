/**
 * Every picture as a README shows it: in an `<img>`, 850 px wide at most, in both themes.
 *
 * ```sh
 * tsx test/visualizations/screenshots.ts FOLDER
 * ```
 */
import { mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { launchBrowser, type Theme } from '../harness/browser.ts';
import { pictures, readPicture } from './pictures.ts';

const readmeWidth = 850;
const themes: readonly Theme[] = ['light', 'dark'];

const folder = process.argv[2];
if (!folder) throw new Error('say which folder the screenshots go into');
mkdirSync(folder, { recursive: true });

const browser = await launchBrowser();
try {
  for (const colorScheme of themes) {
    const page = await browser.newPage({ viewport: { width: readmeWidth, height: 900 }, colorScheme });
    for (const picture of pictures) {
      const source = `data:image/svg+xml;base64,${Buffer.from(readPicture(picture)).toString('base64')}`;
      await page.setContent(`<body style="margin: 0"><img style="max-width: 100%" src="${source}"></body>`);
      const path = join(folder, `${basename(picture, '.svg')}.${colorScheme}.png`);
      await page.locator('img').screenshot({ path });
      console.log(path);
    }
  }
} finally {
  await browser.close();
}
