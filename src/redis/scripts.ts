/**
 * The Lua scripts: every decision that two pods could make differently. Nothing else is ever sent as a script.
 *
 * Each file in lua/ names the parts of lua/lib/ it needs by lines `-- @include name`, which are replaced by that file.
 */
import { readFileSync } from 'node:fs';
import type { Redis } from 'ioredis';

export const scriptNames = [
  'acquire',
  'claim',
  'confirm',
  'defer',
  'leave',
  'look',
  'poll',
  'publish',
  'release',
  'renew',
  'restore',
  'suspect',
  'take_over',
  'yield',
] as const;
export type ScriptName = (typeof scriptNames)[number];

export type ScriptArgument = string | number | Buffer;

const loaded = new Map<ScriptName, string>();

/** The whole text of a script, read once per process. */
export function loadScript(name: ScriptName): string {
  const text = loaded.get(name) ?? assemble(name, readLua);
  loaded.set(name, text);
  return text;
}

/** Sent whole once per connection, then by its hash; known again after SCRIPT FLUSH. `read` reads a file of lua/. */
export function defineScripts(redis: Redis, read?: (path: string) => string): void {
  for (const name of scriptNames) {
    redis.defineCommand(methodOf(name), { lua: read ? assemble(name, read) : loadScript(name) });
  }
}

function assemble(name: ScriptName, read: (path: string) => string): string {
  const included = new Set<string>();
  return read(`${name}.lua`).replaceAll(/^-- @include (\w+)$/gm, (_, part: string) => {
    if (included.has(part)) return '';
    included.add(part);
    return read(`lib/${part}.lua`);
  });
}

export function callScript(
  redis: Redis,
  name: ScriptName,
  keys: readonly string[],
  args: readonly ScriptArgument[],
): Promise<unknown> {
  const methods = redis as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>;
  const method = methods[methodOf(name)];
  if (!method) throw new Error(`the script ${name} is not defined on this connection`);
  return method.call(redis, keys.length, ...keys, ...args);
}

/** `publish` alone would take the place of ioredis' own command. */
function methodOf(name: ScriptName): string {
  return `bellwether_${name}`;
}

function readLua(path: string): string {
  return readFileSync(new URL(`./lua/${path}`, import.meta.url), 'utf8');
}
