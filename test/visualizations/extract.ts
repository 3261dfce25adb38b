/** Reads a machine from its source text, without running it, by the library that Stately's tools read it with. */
import Module, { createRequire } from 'node:module';
import type { PlainState } from './chart-lines.ts';

type Extractor = {
  extractMachinesFromFile(text: string): { machines: ({ toConfig(): PlainState } | undefined)[] } | null;
};
type Resolving = { _resolveFilename(request: string, ...others: unknown[]): string };

/** It wants XState 4 under the name `xstate`, which here is 5. */
function loadExtractor(): Extractor {
  const resolving = Module as unknown as Resolving;
  const resolve = resolving._resolveFilename;
  resolving._resolveFilename = (request, ...others) =>
    resolve.call(Module, request.replace(/^xstate\/lib\//, 'xstate4/lib/'), ...others);
  try {
    return createRequire(import.meta.url)('@xstate/machine-extractor') as Extractor;
  } finally {
    resolving._resolveFilename = resolve;
  }
}

const extractor = loadExtractor();

/** @returns a config for each machine in the text */
export function extractMachines(text: string): PlainState[] {
  const machines = extractor.extractMachinesFromFile(text)?.machines ?? [];
  return machines.map((machine) => {
    if (!machine) throw new Error('a machine in this text could not be read');
    return machine.toConfig();
  });
}

/** It is of the time of XState 4 and drops `reenter`: a transition that enters its state anew looks like any other. */
export function withoutReentry(lines: readonly string[]): string[] {
  return lines.map((line) => line.replace(' (anew) if ', ' if '));
}
