/** What a zod schema says of one option: its type, its unit, its default. */
import type { z } from 'zod';
import { Duration, formatDuration } from '../../src/duration.ts';

export type SchemaFacts = Readonly<{
  /** Undefined where the schema can't tell: a function, an object of somebody else's. */
  type: string | undefined;
  unit: string;
  isRequired: boolean;
  /** As one would write it. */
  default: string | undefined;
}>;

type Definition = Readonly<{
  type: string;
  innerType?: z.ZodType;
  in?: z.ZodType;
  out?: z.ZodType;
  defaultValue?: unknown;
}>;

const definitionOf = (schema: z.ZodType) => schema.def as unknown as Definition;

/** @param knownUnit where the schema has plain numbers of it */
export function factsOf(schema: z.ZodType, knownUnit?: string): SchemaFacts {
  const layers = layersOf(schema);
  const said = (what: string) => layers.map((layer) => layer.meta()?.[what]).find((value) => value !== undefined);
  const unit = String(said('unit') ?? knownUnit ?? '');
  const withDefault = layers.find((layer) => definitionOf(layer).type === 'default');
  const value = withDefault && definitionOf(withDefault).defaultValue;
  const innermost = layers.at(-1) as z.ZodType;
  return {
    type: (said('title') as string | undefined) ?? plainType(innermost),
    unit,
    isRequired: !withDefault && !layers.some((layer) => definitionOf(layer).type === 'optional'),
    default: (said('default') as string | undefined) ?? (withDefault && inWords(value, unit)),
  };
}

/** The schema, and what it wraps, from outside in. */
function layersOf(schema: z.ZodType): z.ZodType[] {
  const { innerType, type, in: from, out: to } = definitionOf(schema);
  const next = type === 'pipe' ? [from, to].find((end) => end && definitionOf(end).type !== 'transform') : innerType;
  return next ? [schema, ...layersOf(next)] : [schema];
}

function plainType(schema: z.ZodType): string | undefined {
  const { type } = definitionOf(schema);
  if (type === 'enum') return (schema as z.ZodEnum).options.map((option) => `\`${option}\``).join(', ');
  return ['string', 'number', 'boolean'].includes(type) ? type : undefined;
}

function inWords(value: unknown, unit: string): string {
  const mib = 2 ** 20;
  if (unit === 'ms') {
    const short = formatDuration(Number(value));
    // It rounds: 1,250 ms would be 1.3s.
    return Duration.parse(short) === value ? `\`${short}\`` : `\`${value}ms\``;
  }
  if (unit === 'bytes' && Number(value) % mib === 0) return `${Number(value) / mib} MiB`;
  return `\`${typeof value === 'object' ? JSON.stringify(value) : value}\``;
}
