/** What a reader clicks on in the README and in docs/ is there. */
import { expect, test } from 'vitest';
import { brokenLinks } from '../tidy/links.ts';
import { isRepository, readSources, repositoryFiles } from '../tidy/repository.ts';

const files = isRepository ? repositoryFiles() : [];
const pages = readSources(files.filter((file) => file.endsWith('.md')));

test('a link to a file, a folder or a heading that is not there is found', () => {
  const text = (line: string) => new Map([['docs/a.md', `# One *two*: three\n\n${line}\n`]]);
  const there = ['docs/a.md', 'deploy/x/y.yaml'];
  for (const line of ['[b](b.md)', '[d](../deploy/z)', '![p](p.png)', '[h](#four)', '[h](a.md#four)', '[y](../y)'])
    expect(brokenLinks(text(line), there), line).toHaveLength(1);
  for (const line of ['[a](a.md)', '[d](../deploy/x)', '[h](#one-two-three)', '`[b](b.md)`', '[w](https://a.example)'])
    expect(brokenLinks(text(line), there), line).toEqual([]);
});

test.skipIf(!isRepository)('no page of this repository has one', () => {
  expect(pages.size).toBeGreaterThan(10);
  expect(brokenLinks(pages, files)).toEqual([]);
});

test.skipIf(!isRepository)('the README names every guide once in its list of guides', () => {
  const [, list = ''] = /\n## Guides\n(.*?)\n## /s.exec(pages.get('README.md') ?? '') ?? [];
  const listed = [...list.matchAll(/^\| \[[^\]]+\]\((docs\/[\w-]+\.md)\)/gm)].map(([, file]) => file);
  expect(listed.toSorted()).toEqual(files.filter((file) => /^docs\/[\w-]+\.md$/.test(file)));
});
