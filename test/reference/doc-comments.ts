/** The doc comments of a declaration's members, and their types as they are written, by oxc-parser. */
import { readFileSync } from 'node:fs';
import { parseSync } from 'oxc-parser';
import { type Node, walk } from '../tidy/syntax.ts';

export type Member = Readonly<{ doc: string; typeText: string | undefined }>;
type Members = ReadonlyMap<string, Member>;

type Spanned = Node & Readonly<{ start: number; end: number }>;

/**
 * @param name of a type, or of a constant that holds a schema, or of both; members of members count under their own
 * names
 */
export function membersOf(file: string, name: string): Members {
  const text = readFileSync(file, 'utf8');
  const { comments } = parseSync(file, text);
  const docBefore = (start: number) => {
    const comment = comments.findLast(({ end }) => end <= start);
    if (!comment?.value.startsWith('*') || text.slice(comment.end, start).trim() !== '') return '';
    return comment.value
      .replace(/^\*|\n\s*\*/g, ' ')
      .replace(/\s+/g, ' ')
      .trim();
  };
  const members = new Map<string, Member>();
  for (const member of keyedNodes(file, text, name)) {
    const key = (member.key as { name: string }).name;
    if (members.get(key)?.doc) continue;
    const annotation = (member.typeAnnotation as { typeAnnotation: Spanned } | undefined)?.typeAnnotation;
    const typeText = annotation && text.slice(annotation.start, annotation.end).replace(/\s+/g, ' ');
    members.set(key, { doc: docBefore(member.start), typeText });
  }
  return members;
}

function keyedNodes(file: string, text: string, name: string): Spanned[] {
  const declarations: Spanned[] = [];
  const found: Spanned[] = [];
  walk(file, text, (node) => {
    const { type, id } = node as Node & { id?: { name?: string } };
    const isDeclaration = type === 'TSTypeAliasDeclaration' || type === 'VariableDeclarator';
    if (isDeclaration && id?.name === name) declarations.push(node as Spanned);
    const { start, end } = node as Spanned;
    const isInside = declarations.some((declaration) => start > declaration.start && end <= declaration.end);
    const isMember = type === 'TSPropertySignature' || type === 'Property';
    if (isInside && isMember && (node.key as Node).type === 'Identifier') found.push(node as Spanned);
  });
  if (declarations.length === 0) throw new Error(`${file} has no ${name}: give the place of the doc comments anew`);
  return found;
}
