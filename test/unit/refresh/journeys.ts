/** The ways to the states of the refresh machine. */
import type { RefreshInput } from '../../../machines/index.ts';
import { record, unchanged } from '../../harness/samples.ts';
import { type ScriptedChild, scriptRefresh } from '../../harness/scripted-actors.ts';

/** Asks for a permit. */
export async function claiming(input: Partial<RefreshInput> = {}): Promise<ScriptedChild> {
  const refresh = scriptRefresh(input);
  await refresh.send({ type: 'refresh.resumed' });
  return refresh;
}

/** The source call is under way. */
export async function fetching(input: Partial<RefreshInput> = {}): Promise<ScriptedChild> {
  const refresh = await claiming(input);
  await refresh.answer('claimPermit', { outcome: 'granted', permitId: 'permit-1' });
  return refresh;
}

export async function validating(): Promise<ScriptedChild> {
  const refresh = await fetching();
  await refresh.answer('callSource', { outcome: 'answered' });
  return refresh;
}

export async function publishing(): Promise<ScriptedChild> {
  const refresh = await validating();
  await refresh.answer('validateResult', { outcome: 'changed' });
  return refresh;
}

/** The source said "unchanged". */
export async function confirming(): Promise<ScriptedChild> {
  const refresh = await fetching();
  await refresh.answer('callSource', unchanged);
  return refresh;
}

/** Published, and the next call is due in five minutes. */
export async function waiting(): Promise<ScriptedChild> {
  const refresh = await publishing();
  await refresh.answer('publishRevision', { outcome: 'published', record: record(1) });
  await refresh.answer('claimPermit', { outcome: 'notDue', waitMs: 300_000 });
  return refresh;
}

/** Asks that nobody may have answered: nothing of the outside world is begun. */
export function begun(refresh: ScriptedChild): string[] {
  const leaves = ['claimPermit', 'callSource', 'publishRevision', 'confirmRevision'] as const;
  return leaves.filter((leaf) => refresh.open(leaf) > 0);
}
