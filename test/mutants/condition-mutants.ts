/**
 * Every guard and every condition of the protocol, broken in every way: made from the source, so that none is missing.
 * In the machines a guard is what XState calls one; what it is made of, and every other condition there, comes as well.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { AnyStateMachine } from 'xstate';
import { leaseMachine } from '../../machines/lease.machine.ts';
import { podMachine } from '../../machines/pod.machine.ts';
import { refreshMachine } from '../../machines/refresh.machine.ts';
import { syncMachine } from '../../machines/sync.machine.ts';
import { codeChanges } from './code-conditions.ts';
import type { Change, Range } from './conditions.ts';
import { guardBodies } from './guard-bodies.ts';
import { luaChanges } from './lua-conditions.ts';

export const root = resolve(fileURLToPath(import.meta.url), '../../..');

export type Part = 'machines' | 'actors' | 'scripts' | 'store';

export type ConditionMutant = Readonly<{
  /** For people: file, line, what stands there, what stands there instead. */
  id: string;
  part: Part;
  file: string;
  /** What is replaced; a guard, by its name, where nothing is. */
  range: Range | undefined;
  original: string;
  becomes: string;
  /** The line where it begins. */
  line: string;
}>;

const machines: Readonly<Record<string, AnyStateMachine>> = {
  'machines/lease.machine.ts': leaseMachine,
  'machines/pod.machine.ts': podMachine,
  'machines/refresh.machine.ts': refreshMachine,
  'machines/sync.machine.ts': syncMachine,
};

/** Where the machines meet the outside world, and what they ask: the belief, and the memory of calls. */
const actorFiles = [
  'src/belief.ts',
  'src/call-memory.ts',
  ...readdirSync(resolve(root, 'src/actors')).map((name) => `src/actors/${name}`),
];

/** The scripts' rules a second time. The rest of src/memory keeps keys, channels and connections. */
const storeFiles = [
  'data-store',
  'data-version',
  'lease-store',
  'lock',
  'permit-store',
  'presence',
  'publication-store',
  'schedule',
].map((name) => `src/memory/${name}.ts`);

export const read = (file: string) => readFileSync(resolve(root, file), 'utf8');

export const scriptFiles = ['src/redis/lua', 'src/redis/lua/lib'].flatMap((folder) =>
  readdirSync(resolve(root, folder))
    .filter((name) => name.endsWith('.lua'))
    .map((name) => `${folder}/${name}`),
);

/** The files whose conditions can be switched while they run; see switches.ts. */
export const switchedFiles: readonly string[] = [...Object.keys(machines), ...actorFiles, ...storeFiles];

export function conditionMutants(): ConditionMutant[] {
  return [
    ...Object.keys(machines).flatMap(machineMutants),
    ...actorFiles.flatMap((file) => ofChanges('actors', file, codeChanges(file, read(file)))),
    ...scriptFiles.flatMap((file) => ofChanges('scripts', file, luaChanges(read(file)))),
    ...storeFiles.flatMap((file) => ofChanges('store', file, codeChanges(file, read(file)))),
  ];
}

/** Of the conditions of one file that can be switched. */
export function switchedMutants(file: string): ConditionMutant[] {
  return conditionMutants().filter((mutant) => mutant.file === file && mutant.range);
}

function machineMutants(file: string): ConditionMutant[] {
  const guards = Object.keys(machines[file]?.implementations.guards ?? {});
  const bodies = guardBodies(file, read(file));
  const isWhole = ({ range, becomes }: Change) =>
    ['true', 'false'].includes(becomes) && bodies.some(([start, end]) => range[0] === start && range[1] === end);
  const forced = guards.flatMap((guard) =>
    ['true', 'false'].map((becomes): ConditionMutant => {
      const id = `${basename(file)} ${guard} -> ${becomes}`;
      return { id, part: 'machines', file, range: undefined, original: guard, becomes, line: '' };
    }),
  );
  const inner = codeChanges(file, read(file)).filter((change) => !isWhole(change));
  return [...forced, ...ofChanges('machines', file, inner)];
}

function ofChanges(part: Part, file: string, changes: readonly Change[]): ConditionMutant[] {
  const text = read(file);
  const taken = new Map<string, number>();
  return changes.map(({ range, becomes }) => {
    const before = text.slice(0, range[0]).split('\n');
    const line = text.split('\n')[before.length - 1] ?? '';
    const original = oneLine(text.slice(...range));
    const name = `${basename(file)}:${before.length} ${original} -> ${oneLine(becomes)}`;
    const times = (taken.get(name) ?? 0) + 1;
    taken.set(name, times);
    return { id: times > 1 ? `${name} (${times})` : name, part, file, range, original, becomes, line };
  });
}

const oneLine = (text: string) => text.replaceAll(/\s+/g, ' ');

/** Forces guards of the machines themselves, which every `provide()` copies from: `forced` is asked each time. */
export function overrideGuards(forced: (file: string, guard: string) => boolean | undefined): void {
  for (const [file, machine] of Object.entries(machines)) {
    const guards = machine.implementations.guards as Record<string, Guard>;
    for (const [name, guard] of Object.entries(guards)) {
      guards[name] = overridden(guard, () => forced(file, name));
    }
  }
}

type Guard = ((...args: unknown[]) => boolean) & { check?: (...args: unknown[]) => boolean };

function overridden(guard: Guard, forced: () => boolean | undefined): Guard {
  const own: Guard = (...args) => forced() ?? guard(...args);
  const { check } = guard;
  // XState's own, such as stateIn(), are asked by this instead.
  return check ? Object.assign(own, guard, { check: (...args: unknown[]) => forced() ?? check(...args) }) : own;
}
