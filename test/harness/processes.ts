/** Processes as the system sees them. */
import { execFileSync } from 'node:child_process';

/** @param command what their command lines must match */
export function childrenOf(parent: number | undefined, command = /./): number[] {
  const list = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' });
  return list
    .split('\n')
    .map((line) => /^ *(\d+) +(\d+) +(.*)$/.exec(line) ?? [])
    .filter(([, , ppid, args]) => Number(ppid) === parent && command.test(args ?? '') && !/^ps /.test(args ?? ''))
    .map(([, pid]) => Number(pid));
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
