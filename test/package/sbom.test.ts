/** The list of what the package brings along. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { sbom } from './release.ts';

type Bom = {
  bomFormat: string;
  metadata: { component: { name: string; version: string } };
  components: { name: string; version: string; purl: string; licenses?: unknown[]; hashes?: unknown[] }[];
};

test('names the package, everything that is installed with it, with versions and licences, and nothing of development', () => {
  const manifest = JSON.parse(readFileSync('package.json', 'utf8'));
  const { bomFormat, metadata, components } = JSON.parse(sbom()) as Bom;
  expect([bomFormat, metadata.component.name, metadata.component.version]).toEqual([
    'CycloneDX',
    manifest.name,
    manifest.version,
  ]);
  // Counted in another way: what the lock file says is needed by more than development.
  const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
    packages: Record<string, { version: string; dev?: boolean; peer?: boolean; devOptional?: boolean }>;
  };
  const shipped = Object.entries(packages)
    .filter(([path, { dev, peer, devOptional }]) => path !== '' && !dev && !peer && !devOptional)
    .map(([path, { version }]) => `${path.replace(/^.*node_modules\//, '')}@${version}`);
  expect(components.map(({ name, version }) => `${name}@${version}`).sort()).toEqual(shipped.sort());
  expect(components.map(({ name }) => name)).toEqual(expect.arrayContaining(Object.keys(manifest.dependencies)));
  for (const { name, version, purl, licenses } of components) {
    expect([name, version, purl, licenses?.length], name).toEqual([
      name,
      expect.stringMatching(/^\d/),
      expect.stringContaining('pkg:npm/'),
      expect.any(Number),
    ]);
  }
});
