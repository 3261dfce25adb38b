/** Users that may not do everything: what Bellwether needs, and what it says when that is missing. */
import { describe, expect, test } from 'vitest';
import { startRedisServer } from '../harness/redis-server.ts';
import { Link, openLink } from './link.ts';

describe('a user whose rights are few', () => {
  const basics = 'on nopass ~hedging:* &hedging:*';

  test('needs no more than the sentence says', async () => {
    const { url } = await startRedisServer({ acl: [`user default ${basics} +@all -@dangerous +info`] });
    const link = await openLink({ address: url });
    expect((await link.poll()).size).toBe(1);
  });

  test('connects without INFO, and warns of nothing', async () => {
    const { url } = await startRedisServer({ acl: [`user default ${basics} +@all -info`] });
    const link = await openLink({ address: url });
    expect((await link.poll()).size).toBe(1);
    expect(link.told.warning).toEqual([]);
  });

  test('doesn’t come up without channels', async () => {
    const { url } = await startRedisServer({ acl: ['user default on nopass ~hedging:* resetchannels +@all'] });
    const link = new Link({ address: url });
    const { kind, message } = await link.next('down');
    expect(kind).toBe('misconfigured');
    expect(message).toMatch(/does not permit .*`ACL SETUSER <user> ~hedging:\* &hedging:\*/);
  });

  test('is told so by commands that are forbidden, in scripts or outside', async () => {
    for (const forbidden of ['-eval -evalsha', '-get', '-zadd', '~other:*']) {
      const acl = forbidden.startsWith('~') ? 'on nopass ~other:* &hedging:* +@all' : `${basics} +@all ${forbidden}`;
      const { url } = await startRedisServer({ acl: [`user default ${acl}`] });
      const link = await openLink({ address: url });
      const error = await link.poll().catch((reason: Error) => reason);
      expect(error, forbidden).toMatchObject({ kind: 'misconfigured', code: 'NOPERM' });
    }
  });
});
