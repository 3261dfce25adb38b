/** The ACL file that is deployed, filled in as an operator does it, and the rights in it one by one. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

const aclFile = 'deploy/kubernetes/base/redis/users.acl';
export const password = 'correct horse battery staple';

/** Lines for redis-server, with an operator beside the users that are deployed. */
export function aclLines(): string[] {
  const hash = createHash('sha256').update(password).digest('hex');
  const lines = readFileSync(aclFile, 'utf8').trim().replace('@PASSWORD_SHA256@', hash).split('\n');
  return [...lines, 'user operator on nopass ~* &* +@all'];
}

/** The rules of the pods' user as `ACL SETUSER` takes them. */
function podRules(): string[] {
  const line = aclLines().find((one) => one.startsWith('user hedging '));
  if (!line) throw new Error(`${aclFile} has no user hedging`);
  // An ACL file separates by blanks alone, and no rule holds one.
  return line.split(' ').slice(2);
}

/** What it is allowed: `+command`, `~key`, `&channel`. */
export const rights = podRules().filter((rule) => /^[+~&]/.test(rule));

/** All rules but this right. */
export function rulesWithout(right: string): string[] {
  return ['reset', ...podRules().filter((rule) => rule !== right)];
}
