/** `docs/configuration.md`: what the schemas of the options say, and what the doc comments at them say they mean. */
import type { z } from 'zod';
import { Timing } from '../../machines/index.ts';
import { BackupOptionsSchema } from '../../src/backup/options.ts';
import { Variables } from '../../src/hedging/environment.ts';
import { IntegrityOptions } from '../../src/integrity.ts';
import { DatasetOptionsSchema, PodOptionsSchema } from '../../src/pod-options.ts';
import { RedisAddressObject } from '../../src/redis/address.ts';
import { HttpSourceOptions } from '../../src/source/http-options.ts';
import { StartOptionsSchema } from '../../src/start.ts';
import { type Member, membersOf } from './doc-comments.ts';
import { factsOf, type SchemaFacts } from './schema-facts.ts';

export const referenceFile = 'docs/configuration.md';

type Section = Readonly<{
  title: string;
  intro: string;
  schema: z.ZodObject;
  /** Where the doc comments stand: file and declaration. What only these have is an option, too. */
  docs: readonly (readonly [file: string, declaration: string])[];
  /** Of a name in the schema, what a user writes. */
  shown?: (name: string) => string;
  unit?: string;
  /** These have a section of their own. */
  apart?: readonly string[];
}>;

const sections: readonly Section[] = [
  {
    title: '`createDataManager(options)`',
    intro: '`datasets`, `timing`, `integrity`, `backup` and the object form of `redis` have tables of their own below.',
    schema: PodOptionsSchema,
    docs: [
      ['src/pod-options.ts', 'PodOptions'],
      ['src/manager-options.ts', 'DataManagerOptions'],
    ],
    apart: ['calls', 'per'],
  },
  {
    title: '`datasets.<name>`',
    intro: 'A name is a letter, then up to 63 letters, digits, `_` or `-`.',
    schema: DatasetOptionsSchema,
    docs: [['src/pod-options.ts', 'DatasetOptions']],
    apart: ['calls', 'per'],
  },
  {
    title: '`timing`',
    intro:
      'The defaults belong together, and the relations that the promises rest on are checked: `beliefWindow` is at least `renewInterval` and `leaseCommandLimit` together, `grace` longer than `beliefWindow`, `leaseTtl` at least twice `grace`, `uncertainLimit` at least `beliefWindow`. `leaseTtl` may also stand beside `timing`.',
    schema: Timing as unknown as z.ZodObject,
    docs: [['machines/timing.ts', 'Timing']],
    shown: (name) => name.replace(/Ms$/, ''),
    unit: 'ms',
  },
  {
    title: '`redis` as an object',
    intro:
      'An address and what should not stand in it. Text forms of an address: `redis://host:6379`, `rediss://…` (TLS), `tcp://…`, `unix:/path`, `sentinel://host1,host2/master`, `cluster://host1,host2`, and `memory:` for one process without Redis. Of a ready ioredis instance only the options are taken; it is never used itself and never closed.',
    schema: RedisAddressObject,
    docs: [['src/redis/address.ts', 'RedisAddressObject']],
  },
  {
    title: '`integrity`',
    intro: 'What it protects from: [security.md](security.md).',
    schema: IntegrityOptions,
    docs: [['src/integrity.ts', 'IntegrityOptions']],
  },
  {
    title: '`backup`',
    intro: '',
    schema: BackupOptionsSchema,
    docs: [['src/backup/options.ts', 'BackupOptions']],
  },
  {
    title: '`manager.start(options)`',
    intro: '',
    schema: StartOptionsSchema,
    docs: [['src/start.ts', 'StartOptions']],
  },
  {
    title: '`httpSource(options)`',
    intro: '',
    schema: HttpSourceOptions as unknown as z.ZodObject,
    docs: [['src/source/http-options.ts', 'HttpSourceOptions']],
  },
  {
    title: 'The environment of `bellwether service`',
    intro: 'An empty variable counts as unset. What is secret may come from a file.',
    schema: Variables,
    docs: [
      ['src/hedging/environment.ts', 'Variables'],
      ['src/hedging/access-variables.ts', 'accessVariables'],
    ],
  },
];

const head = `# Configuration

Every option and every variable. Written by \`npm run reference\` from the schemas that check them and from the doc comments
that editors show; a test fails when this page is older than they are.

A **duration** is a number of ms or one of \`'250ms'\`, \`'30s'\`, \`'5m'\`, \`'1h'\`, \`'1d'\` (always text in a variable), at most a
year; sizes are numbers of bytes. All faults of the options come in one \`BellwetherError\` of code \`configuration\`, each with
its path and what is expected, in the message and one by one as \`faults\`; unknown options are faults. \`checkOptions(options)\`
checks those of \`createDataManager\` and makes no manager. Faults of variables are told under their names.
`;

type Row = Readonly<{ name: string; type: string; default: string; unit: string; meaning: string }>;

function rowsOf({ schema, docs, shown = (name) => name, unit, apart = [] }: Section): Row[] {
  const documented = docs.map(([file, declaration]) => membersOf(file, declaration));
  const members = new Map(documented.flatMap((some) => [...some].reverse()).reverse());
  const names = [...new Set([...Object.keys(schema.shape), ...documented.flatMap((some) => [...some.keys()])])];
  return names
    .filter((name) => !apart.includes(name) && (name in schema.shape || members.get(name)?.typeText !== undefined))
    .map((name) => rowOf(shown(name), schema.shape[name] as z.ZodType | undefined, members.get(name), unit));
}

const unchecked: SchemaFacts = { type: undefined, unit: '', isRequired: false, default: undefined };

function rowOf(name: string, schema: z.ZodType | undefined, member: Member | undefined, unit: string | undefined): Row {
  const facts = schema ? factsOf(schema, unit) : unchecked;
  const { meaning, spoken } = apartFromDefault(member?.doc ?? '');
  return {
    name: `\`${name}\``,
    // In the machines durations are numbers of ms, among the options what `Duration` takes.
    type: unit === 'ms' ? 'duration' : (facts.type ?? asCode(member?.typeText)),
    default: facts.default ?? spoken ?? (facts.isRequired ? 'required' : ''),
    unit: facts.unit,
    meaning: meaning.replace(/\{@link (\w+)\}/g, '`$1`'),
  };
}

function asCode(text: string | undefined): string {
  if (text === undefined) return '';
  return text.includes('`') ? `\`\` ${text} \`\`` : `\`${text}\``;
}

/** "Time limit. Default 30 s." tells a default that the schema may not know. */
function apartFromDefault(doc: string): { meaning: string; spoken: string | undefined } {
  const sentence = /(?:^|\s)Default:? ((?:[^.]|\.(?=\S))+)\.(?=\s|$)/.exec(doc);
  const meaning = sentence ? `${doc.slice(0, sentence.index)}${doc.slice(sentence.index + sentence[0].length)}` : doc;
  return { meaning: meaning.trim(), spoken: sentence?.[1] };
}

const columns = ['name', 'type', 'default', 'unit', 'meaning'] as const;

/** As the formatter of this repository leaves it. */
function table(rows: readonly Row[]): string {
  const cells = [columns, ...rows.map((row) => columns.map((column) => row[column].replaceAll('|', '\\|')))];
  const widths = columns.map((_column, index) => Math.max(3, ...cells.map((line) => line[index]?.length ?? 0)));
  const [title, ...rest] = cells.map((line) => line.map((cell, index) => cell.padEnd(widths[index] ?? 0)));
  const lines = [title, widths.map((width) => '-'.repeat(width)), ...rest];
  return lines.map((line) => `| ${line?.join(' | ')} |`).join('\n');
}

export function configurationSections(): { title: string; rows: Row[] }[] {
  return sections.map((section) => ({ title: section.title, rows: rowsOf(section) }));
}

export function configurationPage(): string {
  const parts = sections.map((section) =>
    [`## ${section.title}`, section.intro, table(rowsOf(section))].filter((part) => part !== '').join('\n\n'),
  );
  return `${[head.trim(), ...parts].join('\n\n')}\n`;
}
