/**
 * `npm run release -- [folder]`: the tarball to publish and, beside it, the list of what it brings along (an SBOM in
 * CycloneDX), made by npm from the lock file. Publishes nothing.
 */
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { endLeftovers, temporaryFolder } from '../harness/leftovers.ts';
import { pack, quietly, run } from './packed.ts';

/**
 * Of what is installed with the package. npm leaves out of it whatever a tool of development needs as well (measured with
 * npm 11: XState, zod and six more were missing), so it is asked in a folder that knows of no such tools.
 */
export function sbom(): string {
  const { devDependencies, peerDependencies, peerDependenciesMeta, overrides, scripts, ...manifest } = JSON.parse(
    readFileSync('package.json', 'utf8'),
  );
  // npm names the whole after its folder.
  const folder = join(temporaryFolder(), manifest.name);
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  copyFileSync('package-lock.json', join(folder, 'package-lock.json'));
  run(folder, 'npm', 'install', '--package-lock-only', '--ignore-scripts', ...quietly);
  return run(folder, 'npm', 'sbom', '--package-lock-only', '--sbom-format=cyclonedx');
}

async function release(folder: string): Promise<void> {
  const { tarball } = await pack();
  mkdirSync(folder, { recursive: true });
  const target = join(folder, basename(tarball));
  copyFileSync(tarball, target);
  writeFileSync(target.replace(/\.tgz$/, '.cdx.json'), sbom());
  endLeftovers();
  console.log(`${target}\n${target.replace(/\.tgz$/, '.cdx.json')}`);
}

const isMain = process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url);
if (isMain) await release(resolve(process.argv[2] ?? 'dist/release'));
