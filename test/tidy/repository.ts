/** The repository's own files. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import type { Sources } from './import-graph.ts';

/** A download without history has no list of its files. */
export const isRepository = existsSync('.git');

/** Tracked, or about to be: what is neither ignored nor deleted. Paths from the root, with `/`. */
export function repositoryFiles(): string[] {
  const options = ['--cached', '--others', '--exclude-standard', '-z'];
  const list = execFileSync('git', ['ls-files', ...options], { encoding: 'utf8', maxBuffer: 2 ** 26 });
  return [...new Set(list.split('\0'))].filter((file) => file !== '' && existsSync(file)).sort();
}

/** Binary files are left out. */
export function readSources(files: readonly string[]): Sources {
  return new Map(
    files.map((file) => [file, readFileSync(file, 'utf8')] as const).filter(([, text]) => !text.includes('\0')),
  );
}
