/** The ways to the states of the sync machine. */
import type { VerifyOutcome, VersionRecord, VersionRecords } from '../../../machines/index.ts';
import { poll } from '../../harness/samples.ts';
import { type ScriptedSync, scriptSync } from '../../harness/scripted-actors.ts';

/** Holds these, and so does Redis. */
export async function idleOn(held: VersionRecords): Promise<ScriptedSync> {
  const sync = scriptSync({ held });
  await sync.answer('poll', poll({ records: held }));
  return sync;
}

export async function published(sync: ScriptedSync, record: VersionRecord, isStaged = false): Promise<void> {
  await sync.report('announcements', { type: 'announcement.published', dataset: 'rates', record, isStaged });
}

/** Came with its payload, which passed the checks and is served. */
export async function served(sync: ScriptedSync, record: VersionRecord): Promise<void> {
  await sync.report('announcements', { type: 'announcement.verified', dataset: 'rates', record });
}

export function verdict(outcome: Partial<VerifyOutcome>): VerifyOutcome {
  return { verified: {}, rejected: {}, damaged: {}, ...outcome };
}
