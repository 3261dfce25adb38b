/** The dashboard as one self-contained page: script, styles and charts in it, nothing loaded from elsewhere. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

const folder = import.meta.dirname;

export async function bundleDashboard(): Promise<string> {
  const [script, styles] = await Promise.all([bundled('main.ts'), bundled('styles/main.css')]);
  const page = readFileSync(join(folder, 'index.html'), 'utf8');
  // Functions, because `$` in a replacement has a meaning.
  return page
    .replace('<!-- styles -->', () => `<style>${styles}</style>`)
    .replace('<!-- script -->', () => `<script type="module">${script.replaceAll('</script', '<\\/script')}</script>`);
}

async function bundled(entry: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(folder, entry)],
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    target: 'es2023',
    loader: { '.svg': 'text' },
    charset: 'utf8',
    legalComments: 'none',
    logLevel: 'error',
    outdir: folder,
  });
  return (outputFiles[0]?.text ?? '').trim();
}
