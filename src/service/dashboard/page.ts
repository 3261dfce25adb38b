/** The page as it was built: beside this file in the package; from the sources, where `npm run build` has put it. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

export type DashboardPage = Readonly<{ html: Buffer; gzipped: Buffer; policy: string }>;

const places = ['./dashboard.html', '../../../dist/src/service/dashboard/dashboard.html'];

/** @throws Error that says what to do, when the page was never built */
export function readPage(): DashboardPage {
  const place = places.map((path) => fileURLToPath(new URL(path, import.meta.url))).find((file) => existsSync(file));
  if (place === undefined) throw new Error('The dashboard was not built: run `npm run build` first.');
  const html = readFileSync(place);
  return { html, gzipped: gzipSync(html, { level: 9 }), policy: policyOf(html.toString()) };
}

/** Nothing from elsewhere is loaded, and no script runs but the page's own. Pictures bring styles of their own. */
function policyOf(html: string): string {
  const [, script = ''] = /<script type="module">(.*)<\/script>/s.exec(html) ?? [];
  const hash = createHash('sha256').update(script).digest('base64');
  return [
    "default-src 'none'",
    `script-src 'sha256-${hash}'`,
    "style-src 'unsafe-inline'",
    'img-src data:',
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}
