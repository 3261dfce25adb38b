/** What clients send to a Redis, as MONITOR shows it: by script or command, without what scripts call inside. */
import { createHash } from 'node:crypto';
import { Redis } from 'ioredis';
import { loadScript, scriptNames } from '../../src/redis/scripts.ts';

const sha1 = (text: string) => createHash('sha1').update(text).digest('hex');

const scriptsBySha = new Map(scriptNames.map((name) => [sha1(loadScript(name)), name] as const));

export type Counted = Readonly<{ commands: ReadonlyMap<string, number>; seconds: number; scriptsByServer: number }>;

/**
 * Counts for so long. The counter's own commands are left out: they are sent before and after. `scriptsByServer` is
 * the server's own count of the same, to check by.
 */
export async function countCommands(url: string, seconds: number): Promise<Counted> {
  const control = new Redis(url);
  const monitor = await control.monitor();
  const commands = new Map<string, number>();
  const before = await callsOfScripts(control);
  const fromNs = process.hrtime.bigint();
  const count = (_time: string, args: string[], source: string) => {
    if (source === 'lua') return;
    const name = nameOf(args);
    commands.set(name, (commands.get(name) ?? 0) + 1);
  };
  monitor.on('monitor', count);
  await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
  monitor.off('monitor', count);
  const passed = Number(process.hrtime.bigint() - fromNs) / 1e9;
  const scriptsByServer = (await callsOfScripts(control)) - before;
  monitor.disconnect();
  control.disconnect();
  return { commands, seconds: passed, scriptsByServer };
}

/** A connection sends a script's whole text the first time, by EVAL, and its hash from then on. */
function nameOf([command = '', script = '']: readonly string[]): string {
  const name = command.toLowerCase();
  if (name === 'eval') return `${scriptsBySha.get(sha1(script)) ?? name}, whole text`;
  return name === 'evalsha' ? (scriptsBySha.get(script) ?? `evalsha ${script.slice(0, 8)}`) : name;
}

async function callsOfScripts(redis: Redis): Promise<number> {
  const stats = await redis.info('commandstats');
  const calls = [...stats.matchAll(/^cmdstat_eval(?:sha)?:calls=(\d+)/gm)];
  return calls.reduce((sum, [, count]) => sum + Number(count), 0);
}
