/** Who imports whom: `import`, `export … from`, `import()`, `import('…').Type` and `require`, types included. */
import { posix } from 'node:path';
import { type Node, walk } from './syntax.ts';

/** Text by path from the repository's root, with `/`. */
export type Sources = ReadonlyMap<string, string>;

/** `to` is a path in the repository, or the name of a package; `node:` for what comes with Node. */
export type Import = Readonly<{ from: string; to: string; isLocal: boolean }>;

function importsOf(file: string, text: string): Import[] {
  const imports: Import[] = [];
  walk(file, text, (node) => {
    const specifier = specifierOf(node);
    if (specifier !== undefined) imports.push(resolve(file, specifier));
  });
  return imports;
}

export function allImports(sources: Sources): Import[] {
  return [...sources].flatMap(([file, text]) => importsOf(file, text));
}

/** All that loading `entry` brings with it, `entry` included. */
export function reachable(imports: readonly Import[], entry: string): { files: Set<string>; packages: Import[] } {
  const files = new Set([entry]);
  // A set may grow while it is iterated, and the new members are visited, too.
  for (const file of files) {
    for (const { to } of localImports(imports, file)) files.add(to);
  }
  return { files, packages: imports.filter(({ from, isLocal }) => !isLocal && files.has(from)) };
}

/** One cycle as a path that ends where it began; undefined when there is none. */
export function findCycle(imports: readonly Import[]): string[] | undefined {
  const finished = new Set<string>();
  const search = (file: string, path: readonly string[]): string[] | undefined => {
    const start = path.indexOf(file);
    if (start >= 0) return [...path.slice(start), file];
    if (finished.has(file)) return undefined;
    for (const { to } of localImports(imports, file)) {
      const cycle = search(to, [...path, file]);
      if (cycle) return cycle;
    }
    finished.add(file);
    return undefined;
  };
  for (const { from } of imports) {
    const cycle = search(from, []);
    if (cycle) return cycle;
  }
  return undefined;
}

function localImports(imports: readonly Import[], file: string): Import[] {
  return imports.filter(({ from, isLocal }) => isLocal && from === file);
}

function specifierOf(node: Node): string | undefined {
  switch (node.type) {
    case 'ImportDeclaration':
    case 'ExportNamedDeclaration':
    case 'ExportAllDeclaration':
    case 'ImportExpression':
    case 'TSImportType':
      return literal(node.source);
    case 'TSExternalModuleReference':
      return literal(node.expression);
    case 'CallExpression':
      return (node.callee as Node & { name?: string }).name === 'require'
        ? literal((node.arguments as Node[])[0])
        : undefined;
    default:
      return undefined;
  }
}

function literal(node: unknown): string | undefined {
  const value = (node as { value?: unknown } | null | undefined)?.value;
  return typeof value === 'string' ? value : undefined;
}

function resolve(from: string, specifier: string): Import {
  if (specifier.startsWith('.')) {
    return { from, to: posix.join(posix.dirname(from), specifier), isLocal: true };
  }
  if (specifier.startsWith('node:')) return { from, to: 'node:', isLocal: false };
  const name = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
  return { from, to: name, isLocal: false };
}
