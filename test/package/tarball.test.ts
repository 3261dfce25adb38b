/** The package as a user meets it: packed, installed into an empty project, type-checked, run. */
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { temporaryFolder } from '../harness/leftovers.ts';
import { assets, compiler, dashboard } from './build.ts';
import { pack, quietly, run } from './packed.ts';

let files: string[];
let project: string;

function install(tarball: string): string {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'consumer', private: true, type: 'module' }));
  const types = JSON.parse(readFileSync('package.json', 'utf8')).devDependencies['@types/node'];
  run(folder, 'npm', 'install', ...quietly, tarball, `@types/node@${types}`);
  mkdirSync(join(folder, 'src'));
  copyFileSync('test/package/consumer.ts', join(folder, 'src/main.ts'));
  const compilerOptions = {
    ...{ target: 'ES2023', module: 'nodenext', types: ['node'], outDir: 'out', rootDir: 'src' },
    ...{ strict: true, noUncheckedIndexedAccess: true },
    // Our own declarations are to be checked, too. (With exactOptionalPropertyTypes XState's don't pass.)
    skipLibCheck: false,
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['src'] }));
  return folder;
}

function lineThatBegins(output: string, word: string): unknown {
  const line = output.split('\n').find((candidate) => candidate.startsWith(`${word} `));
  if (!line) throw new Error(`expected a line that begins with "${word}" in:\n${output}`);
  return JSON.parse(line.slice(word.length));
}

beforeAll(async () => {
  const { tarball, packed } = await pack();
  files = packed;
  project = install(tarball);
}, 180_000);

describe('the packed tarball', () => {
  test('holds the Lua files, the recorded data and the page of the dashboard', () => {
    expect(assets().filter((asset) => asset.endsWith('.lua'))).not.toEqual([]);
    for (const asset of [...assets(), dashboard]) expect(files).toContain(`dist/${asset}`);
  });

  test('holds the licence and no source, test or picture', () => {
    expect(files).toContain('LICENSE');
    const unwanted = files.filter((file) =>
      /(^|\/)(test|visualizations)\/|\.test\.|(?<!\.d)\.ts$|\.tsbuildinfo$/.test(file),
    );
    expect(unwanted).toEqual([]);
  });

  test('installed in a strict ESM TypeScript project, type-checks and runs', () => {
    run(project, process.execPath, compiler, '-p', '.');
    const output = run(project, process.execPath, 'out/main.js');
    expect(lineThatBegins(output, 'result')).toEqual({
      ...{ base: 'EUR', dollar: 1.17, revision: 1, isValid: true },
      ...{ isLeader: true, role: 'leader', status: 200 },
    });
    const [isMachine, hedging] = lineThatBegins(output, 'entries') as [boolean, string[]];
    expect(isMachine).toBe(true);
    expect(hedging).toContain('createHedgingService');
  });

  test('brings a command that explains itself', () => {
    const output = run(project, join(project, 'node_modules/.bin/bellwether'), '--help');
    expect(output).toMatch(/bellwether/);
    expect(output).toMatch(/demo/);
  });

  test('runs the demo, on a Redis of its own', () => {
    const args = ['demo', '--pods', '3', '--interval', '1s', '--no-faults'];
    const bellwether = join(project, 'node_modules/.bin/bellwether');
    const output = run(project, 'env', 'REDIS_ADDR=', bellwether, ...args);
    expect(output).toMatch(/3 of 3 pods serve rates and terms/);
    expect(output).toMatch(/^ {2}kept +nothingLost /m);
  }, 60_000);

  test('simulates a fleet in processes of its own', () => {
    const args = ['simulate', '--seeds', '2', '--hours', '0.02', '--pods', '2'];
    expect(run(project, join(project, 'node_modules/.bin/bellwether'), ...args)).toMatch(/\nviolations: none\n$/);
  });
});
