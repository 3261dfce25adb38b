/** Rules about files as such: their length, their place, and what no file may hold. */
import { homedir } from 'node:os';
import type { Sources } from './import-graph.ts';

export const longestFile = 400;
/**
 * A machine is one literal, because tools that read source drop what stands elsewhere, and every transition in it has a
 * description: so it is longer than code may be.
 */
const longestMachine = 1150;

const limitOf = (file: string) => (/^machines\/\w+\.machine\.ts$/.test(file) ? longestMachine : longestFile);

export function lengthViolations(sources: Sources): string[] {
  return [...sources]
    .map(([file, text]) => ({ file, lines: text.replace(/\n$/, '').split('\n').length }))
    .filter(({ file, lines }) => lines > limitOf(file))
    .map(({ file, lines }) => `${file} has ${lines} lines, more than ${limitOf(file)}`);
}

const topLevel = [
  ...['src', 'machines', 'test', 'visualizations', 'docs', 'deploy'],
  ...['package.json', 'package-lock.json', 'vitest.config.ts', 'biome.json'],
  ...['README.md', 'LICENSE', 'CHANGELOG.md', 'CONTRIBUTING.md'],
];

export function topLevelViolations(files: readonly string[]): string[] {
  const entries = new Set(files.map((file) => file.split('/')[0] ?? file));
  return [...entries]
    .filter((entry) => !topLevel.includes(entry) && !entry.startsWith('.') && !/^tsconfig(\.\w+)?\.json$/.test(entry))
    .map((entry) => `${entry} has no place on the top level`);
}

/** Spelled so that this file doesn't hold what it forbids. */
const foreign: readonly Readonly<{ what: string; pattern: RegExp }>[] = [
  { what: 'an absolute path of one machine', pattern: /(?:file:\/\/|(?<![\w.:/]))\/(?:work|root|Users|home)\/[\w.-]+/ },
  {
    what: 'the address of a package registry',
    pattern: /\b(?:registry\.npmjs\.org|registry\.yarnpkg\.com|npm\.pkg\.github\.com|deb\.debian\.org)\b/,
  },
  { what: 'the address of a package registry', pattern: /"resolve[d]": "http|^\s*(?:@[\w-]+:)?registry\s*=/m },
];

/**
 * @param here folders of this machine that no file may name
 */
export function foreignViolations(sources: Sources, here: readonly string[] = [process.cwd(), homedir()]): string[] {
  // A short one such as `/root` or `/app` is an ordinary word in a manifest.
  const folders = here.filter((folder) => folder.split('/').length > 2);
  return [...sources].flatMap(([file, text]) => [
    ...foreign
      .map(({ what, pattern }) => ({ what, found: pattern.exec(text)?.[0] }))
      .filter(({ found }) => found !== undefined)
      .map(({ what, found }) => `${file} holds ${what}: ${found}`),
    ...folders.filter((folder) => text.includes(folder)).map((folder) => `${file} holds ${folder}`),
  ]);
}
