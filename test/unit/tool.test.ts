import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { ensureTool, type Tool } from '../harness/tool.ts';

test.each<Tool>(['redis-server', 'faketime', 'openssl', 'promtool', 'prometheus'])(
  '%s, when it is missing, is asked for in one sentence',
  (tool) => {
    const find = () => ensureTool(tool, { path: tmpdir(), mayInstall: false });
    expect(find).toThrow(/^[^\n]+ was not found: install it with `apt-get install [a-z-]+`[^\n]*\.$/);
  },
);

test('a program on PATH is found, and nothing is installed', () => {
  expect(ensureTool('redis-server', { mayInstall: false })).toMatch(/^\/.*redis-server$/);
});
