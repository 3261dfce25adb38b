/** What of a pod's memory an actor that waits must find again when it is replayed. */
import type { MemoryState } from './memory-state.ts';

type Part = keyof MemoryState;

/** What an actor reads before it asks; of all else a replay needs nothing. Kept small: it is part of the state. */
const readBefore: Readonly<Record<string, readonly Part[]>> = {
  claimPermit: ['beliefAge', 'permit'],
  callSource: ['beliefAge', 'permit'],
  publishRevision: ['beliefAge', 'unpublished', 'published', 'stored', 'proposed', 'served'],
  confirmRevision: ['beliefAge', 'stored'],
  restoreRevisions: ['served'],
};

export function beforeOf(src: string, memory: MemoryState): MemoryState {
  const parts = (readBefore[src] ?? []).filter((part) => memory[part] !== undefined);
  const { isUnheard } = memory.scalars;
  return {
    scalars: isUnheard ? { isUnheard } : {},
    callAges: [],
    ...Object.fromEntries(parts.map((part) => [part, memory[part]])),
  };
}
