/**
 * A Dockerfile's steps run by hand: each stage is a folder, COPY copies, RUN runs in it. No image of the base is there, so
 * programs are this machine's; what is shown is that the steps fit together and what they leave.
 */
import { execSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { repositoryFiles } from '../tidy/repository.ts';
import { dockerfile, type Stage, type Step } from './dockerfile.ts';

/** What the build gets to see: `*` first, then exceptions, then a pattern of endings. */
function context(): string[] {
  const rules = readFileSync(`${dockerfile}.dockerignore`, 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  const admitted = rules.filter((rule) => rule.startsWith('!')).map((rule) => rule.slice(1));
  const endings = rules.filter((rule) => rule.startsWith('**/*')).map((rule) => rule.slice(4));
  return repositoryFiles().filter(
    (file) =>
      admitted.some((entry) => file === entry || file.startsWith(`${entry}/`)) &&
      !endings.some((ending) => file.endsWith(ending)),
  );
}

/** @returns the folder that stands for the root of each stage */
export function runStages(stages: readonly Stage[], root: string): Map<string, string> {
  const folders = new Map<string, string>();
  for (const stage of stages) {
    const folder = join(root, stage.name);
    folders.set(stage.name, folder);
    let directory = '/';
    for (const step of stage.steps) {
      if (step.keyword === 'WORKDIR') directory = step.text;
      const here = join(folder, directory);
      mkdirSync(here, { recursive: true });
      if (step.keyword === 'COPY') copy(step, here, folders);
      if (step.keyword === 'RUN') execSync(step.text, { cwd: here, stdio: ['ignore', 'ignore', 'inherit'] });
    }
  }
  return folders;
}

function copy({ args, flags }: Step, here: string, folders: ReadonlyMap<string, string>): void {
  const target = join(here, args.at(-1) ?? '');
  for (const source of args.slice(0, -1)) {
    if (flags.from !== undefined) {
      cpSync(join(folders.get(flags.from) ?? '', source), target, { recursive: true, verbatimSymlinks: true });
      continue;
    }
    for (const file of context().filter((one) => source === '.' || one === source || one.startsWith(`${source}/`))) {
      const to = source === '.' ? join(target, file) : join(target, basename(file));
      mkdirSync(dirname(to), { recursive: true });
      cpSync(file, to);
    }
  }
}
