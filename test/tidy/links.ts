/** Relative links in Markdown: the file is there, and so is the heading. */
import { posix } from 'node:path';
import type { Sources } from './import-graph.ts';

/** @param files all files that may be pointed at; paths from the root, with `/` */
export function brokenLinks(pages: Sources, files: readonly string[]): string[] {
  const folders = new Set(files.flatMap((file) => ancestorsOf(file)));
  return [...pages].flatMap(([page, text]) =>
    linksOf(text).flatMap((link) => {
      const [path = '', heading] = link.split('#');
      const target = path === '' ? page : posix.normalize(posix.join(posix.dirname(page), path));
      if (!files.includes(target) && !folders.has(target.replace(/\/$/, '')))
        return [`${page} links to ${link}, which is not there`];
      const aimed = pages.get(target);
      if (heading === undefined || (aimed !== undefined && anchorsOf(aimed).includes(heading))) return [];
      return [`${page} links to ${link}, and ${target} has no such heading`];
    }),
  );
}

function linksOf(text: string): string[] {
  const links = [...proseOf(text).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);
  return links.filter((link) => !/^[a-z]+:/i.test(link));
}

function anchorsOf(text: string): string[] {
  const headings = [...text.replace(/^```.*?^```/gms, '').matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => heading);
  return headings.map((heading) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** Without what is code. */
function proseOf(text: string): string {
  return text.replace(/^```.*?^```/gms, '').replace(/`[^`\n]*`/g, '');
}

function ancestorsOf(file: string): string[] {
  const folder = posix.dirname(file);
  return folder === '.' ? [] : [folder, ...ancestorsOf(folder)];
}
