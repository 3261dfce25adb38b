/** A guide of docs/ as its reader follows it: the files it names are written, its commands are typed. */
import { execSync, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { endWithUs } from '../harness/leftovers.ts';
import { pack, quietly } from './packed.ts';

type Environment = Readonly<Record<string, string>>;

export type Guide = Readonly<{
  /** The names of the files that the guide gives, in its order. */
  files: readonly string[];
  /** The block that holds this text. */
  block(part: string): string;
  /** Into a folder, which is made where it isn't there. */
  writeFiles(folder: string): void;
}>;

export function readGuide(file: string): Guide {
  const text = readFileSync(file, 'utf8');
  const blocks = [...text.matchAll(/```(?:sh|js|json)\n(.*?)```/gs)].map(([, block = '']) => block);
  /** A file's block follows the paragraph that ends with its name. */
  const files = [...text.matchAll(/`([\w.-]+\.js)`[^`\n]*:\n\n```js\n(.*?)```/gs)];
  return {
    files: files.map(([, name = '']) => name),
    block: (part) => {
      const found = blocks.find((block) => block.includes(part));
      if (found === undefined) throw new Error(`${file} has no block with "${part}".`);
      return found;
    },
    writeFiles: (folder) => {
      mkdirSync(folder, { recursive: true });
      for (const [, name = '', content = ''] of files) writeFileSync(join(folder, name), content);
    },
  };
}

/** As a person would type it; the registry's package is the tarball. */
export function shell(folder: string, commands: string): string {
  const lines = commands.trim().split('\n');
  const typed = lines.map((line) => line.replace(/^npm install (.*)$/, `npm install ${quietly.join(' ')} $1`));
  return execSync(typed.join(' && '), {
    cwd: folder,
    encoding: 'utf8',
    env: environment(),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/**
 * An ES module project with this package and what else is named.
 *
 * @param settings what else its `package.json` says
 */
export async function install(folder: string, settings: object, ...packages: string[]): Promise<void> {
  const { tarball } = await pack();
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module', ...settings }));
  shell(folder, `npm install ${[tarball, ...packages].join(' ')}`);
}

export type Program = Readonly<{
  pid: number;
  /** Resolves with the match as soon as what it has written matches. */
  says(pattern: RegExp): Promise<RegExpExecArray>;
  /** Sends the signal; resolves to the exit code, or the signal that ended it. */
  end(signal: NodeJS.Signals): Promise<number | string | null>;
}>;

/** A file of the guide as a process of its own. */
export function startProgram(folder: string, file: string, variables: Environment = {}): Program {
  const child = spawn(process.execPath, [file], {
    cwd: folder,
    env: { ...environment(), ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  endWithUs(child);
  let output = '';
  const listeners = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      for (const listen of listeners) listen();
    });
  }
  const ended = new Promise<number | string | null>((resolve) => {
    child.once('close', (code, signal) => resolve(code ?? signal));
  });
  const says = (pattern: RegExp) =>
    new Promise<RegExpExecArray>((resolve, reject) => {
      const look = () => {
        const match = pattern.exec(output);
        if (!match) return;
        listeners.delete(look);
        resolve(match);
      };
      listeners.add(look);
      void ended.then((how) => reject(new Error(`${file} ended (${how}) before it said ${pattern}:\n${output}`)));
      look();
    });
  const end = (signal: NodeJS.Signals) => {
    child.kill(signal);
    return ended;
  };
  return { pid: child.pid as number, says, end };
}

/** What the shell of whoever runs the tests says must not decide how they end. */
function environment(): NodeJS.ProcessEnv {
  // npx gives on what .npmrc says of this repository; a reader's project has its own.
  const ours = /^VITEST|^NODE_OPTIONS$|^REDIS_ADDR$|^npm_config_engine_strict$/;
  const inherited = Object.entries(process.env).filter(([name]) => !ours.test(name));
  return { ...(Object.fromEntries(inherited) as NodeJS.ProcessEnv), NO_COLOR: '1', FORCE_COLOR: '0' };
}
