/** The layering of DESIGN.md: which folder may import what. Each rule returns one sentence for each violation. */
import { allImports, findCycle, type Import, reachable, type Sources } from './import-graph.ts';

/** What a fresh installation brings, and all that the core may load. */
const corePackages = ['xstate', 'ioredis', 'pino', 'zod', 'nanoid'];
const coreEntries = ['src/index.ts', 'machines/index.ts'];

/** What serves over HTTP: for whoever wants a server, and no one else. */
const serverPackages = ['hono', '@hono/node-server', 'prom-client'];
const entriesWithoutServer = [...coreEntries, 'src/testing/index.ts', 'src/inspection/index.ts'];

const testRunners = /^(vitest|@vitest\/.*|jest|@jest\/.*|mocha|chai|ava|tap|uvu)$/;

/** `allows` is asked about the imports of every file under `folder`. */
type Layer = Readonly<{ folder: string; mayImport: string; allows: (imported: Import) => boolean }>;

const isUnder =
  (...folders: string[]) =>
  ({ to }: Import): boolean =>
    folders.some((folder) => to === folder || to.startsWith(`${folder}/`));

const layers: readonly Layer[] = [
  {
    folder: 'machines',
    mayImport: 'only xstate, zod and each other',
    allows: (imported) => (imported.isLocal ? isUnder('machines')(imported) : ['xstate', 'zod'].includes(imported.to)),
  },
  {
    folder: 'src',
    mayImport: 'of this repository only src and machines',
    allows: (imported) => !imported.isLocal || isUnder('src', 'machines')(imported),
  },
  {
    folder: 'visualizations',
    mayImport: 'of this repository only machines',
    allows: (imported) => !imported.isLocal || isUnder('visualizations', 'machines')(imported),
  },
  {
    folder: 'src/testing',
    mayImport: 'no test runner',
    allows: ({ to }) => !testRunners.test(to),
  },
  {
    folder: 'src/hedging',
    mayImport: 'of this repository only the public API (src/index.ts) and src/service',
    allows: (imported) => !imported.isLocal || isUnder('src/hedging', 'src/index.ts', 'src/service')(imported),
  },
];

export function layerViolations(sources: Sources): string[] {
  const imports = allImports(sources);
  return layers.flatMap(({ folder, mayImport, allows }) =>
    imports
      .filter((imported) => imported.from.startsWith(`${folder}/`) && !allows(imported))
      .map(({ from, to }) => `${from} imports ${to}, but ${folder} may import ${mayImport}`),
  );
}

/** Tests may; they are outside of what is shipped. */
export function cliViolations(sources: Sources): string[] {
  return allImports(sources)
    .filter((imported) => !/^(src\/cli|test)\//.test(imported.from) && isUnder('src/cli')(imported))
    .map(({ from, to }) => `${from} imports ${to}, but src/cli is for the command line alone`);
}

export function coreViolations(sources: Sources): string[] {
  const imports = allImports(sources);
  return coreEntries.flatMap((entry) =>
    reachable(imports, entry)
      .packages.filter(({ to }) => to !== 'node:' && !corePackages.includes(to))
      .map(({ from, to }) => `${entry} loads ${to} through ${from}`),
  );
}

export function serverViolations(sources: Sources): string[] {
  const imports = allImports(sources);
  return entriesWithoutServer.flatMap((entry) =>
    reachable(imports, entry)
      .packages.filter(({ to }) => serverPackages.includes(to))
      .map(({ from, to }) => `${entry} loads ${to} through ${from}`),
  );
}

export function cycleViolations(sources: Sources): string[] {
  const cycle = findCycle(allImports(sources));
  return cycle ? [cycle.join(' -> ')] : [];
}
