/** What clients send to a Redis, as MONITOR shows it: by script or command, without what scripts call inside. */
import { createHash } from 'node:crypto';
import { Redis } from 'ioredis';
import { loadScript, scriptNames } from '../../src/redis/scripts.ts';

const scriptsBySha = new Map(
  scriptNames.map((name) => [createHash('sha1').update(loadScript(name)).digest('hex'), name] as const),
);

export type Counted = Readonly<{ commands: ReadonlyMap<string, number>; seconds: number; evalshaByServer: number }>;

/**
 * Counts for so long. The counter's own commands are left out: they are sent before and after. `evalshaByServer` is
 * the server's own count of the same, to check by.
 */
export async function countCommands(url: string, seconds: number): Promise<Counted> {
  const control = new Redis(url);
  const monitor = await control.monitor();
  const commands = new Map<string, number>();
  const before = await callsOfEvalsha(control);
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
  const evalshaByServer = (await callsOfEvalsha(control)) - before;
  monitor.disconnect();
  control.disconnect();
  return { commands, seconds: passed, evalshaByServer };
}

function nameOf([command = '', sha = '']: readonly string[]): string {
  const name = command.toLowerCase();
  return name === 'evalsha' ? (scriptsBySha.get(sha) ?? `evalsha ${sha.slice(0, 8)}`) : name;
}

async function callsOfEvalsha(redis: Redis): Promise<number> {
  const stats = await redis.info('commandstats');
  return Number(/^cmdstat_evalsha:calls=(\d+)/m.exec(stats)?.[1] ?? 0);
}
