/**
 * The contract of src/ports.ts: every method and every outcome, held against each implementation.
 *
 * Not in it, because only one of the two can show them: `presenceUnknown` and `writeFailure` (ACL, OOM), which
 * test/redis covers, and the operator's hands of the memory store (`memory-redis.test.ts`).
 */
import { describe } from 'vitest';
import { announcementsContract } from './announcements.contract.ts';
import { leaseContract } from './lease.contract.ts';
import { permitContract } from './permit.contract.ts';
import { pollContract } from './poll.contract.ts';
import { presenceContract } from './presence.contract.ts';
import { publicationContract } from './publication.contract.ts';
import { restoreContract } from './restore.contract.ts';
import { takeOverContract } from './take-over.contract.ts';
import type { OpenWorld } from './world.ts';
import { yieldContract } from './yield.contract.ts';

export function contract(name: string, openWorld: OpenWorld): void {
  describe(`${name} keeps the contract`, () => {
    describe('lease', () => leaseContract(openWorld));
    describe('yield', () => yieldContract(openWorld));
    describe('takeover', () => takeOverContract(openWorld));
    describe('poll', () => pollContract(openWorld));
    describe('presence', () => presenceContract(openWorld));
    describe('data', () => restoreContract(openWorld));
    describe('publications', () => publicationContract(openWorld));
    describe('permits', () => permitContract(openWorld));
    describe('connection', () => announcementsContract(openWorld));
  });
}
