/** A file of XState 5 that needs nothing but `xstate`: to be pasted into the editor of Stately Studio. */
import type { AnyStateMachine } from 'xstate';
import { explanation, plainConfig, sections } from './implementations.ts';

export function statelySource(machine: AnyStateMachine): string {
  return [
    `// Written by \`npm run visualize\` from machines/${machine.id}.machine.ts. Paste it into Stately's editor.`,
    ...explanation,
    "import { fromPromise, setup } from 'xstate';",
    '',
    `export const ${machine.id}Machine = setup({`,
    ...sections(machine, { kind: 'actors', silent: 'fromPromise(() => new Promise(() => {}))' }),
    `}).createMachine(${JSON.stringify(plainConfig(machine), null, 2)});`,
    '',
  ].join('\n');
}
