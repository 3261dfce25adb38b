/** Style held by a test: layering, time, size and tidiness. Every rule is first shown to catch a violation. */
import { describe, expect, test } from 'vitest';
import { clockViolations } from '../tidy/clock-rule.ts';
import { foreignViolations, lengthViolations, longestFile, topLevelViolations } from '../tidy/file-rules.ts';
import type { Sources } from '../tidy/import-graph.ts';
import {
  cliViolations,
  coreViolations,
  cycleViolations,
  layerViolations,
  serverViolations,
} from '../tidy/import-rules.ts';
import { isRepository, readSources, repositoryFiles } from '../tidy/repository.ts';

/**
 * The adapters: the only shipped files that may look at a clock, set a timer or draw a number.
 * Whoever adds one says why it can't take a port.
 */
const adapters = ['src/clock.ts', 'src/redis/', 'src/source/', 'src/cli/', 'src/service/'];
const isAdapter = (file: string) => adapters.some((adapter) => file === adapter || file.startsWith(adapter));

const sourcesOf = (files: Record<string, string>): Sources => new Map(Object.entries(files));

const files = isRepository ? repositoryFiles() : [];
const code = readSources(files.filter((file) => /\.tsx?$/.test(file)));
const shipped = readSources(files.filter((file) => /^(machines|src)\/.*\.(ts|lua)$/.test(file)));
const shippedCode: Sources = new Map([...shipped].filter(([file]) => file.endsWith('.ts')));

describe('imports run one way', () => {
  test.each([
    ['machines/pod.machine.ts', `import { Redis } from 'ioredis';`],
    ['machines/pod.machine.ts', `import { readFileSync } from 'node:fs';`],
    ['machines/pod.machine.ts', `import type { Clock } from '../src/ports.ts';`],
    ['machines/pod.machine.ts', `export type { Clock } from '../src/ports.ts';`],
    ['machines/pod.machine.ts', `export * from '../src/ports.ts';`],
    ['machines/pod.machine.ts', `type Clock = import('../src/ports.ts').Clock;`],
    ['machines/pod.machine.ts', `const ports = await import('../src/ports.ts');`],
    ['machines/pod.machine.ts', `import ports = require('../src/ports.ts');`],
    ['src/actors/sync.ts', `import { startRedisServer } from '../../test/harness/redis-server.ts';`],
    ['src/actors/sync.ts', `import { draw } from '../../visualizations/draw.ts';`],
    ['visualizations/draw.ts', `import type { Clock } from '../src/ports.ts';`],
    ['src/testing/fleet.ts', `import { expect } from 'vitest';`],
    ['src/hedging/service.ts', `import { createReader } from '../reader.ts';`],
    ['src/hedging/service.ts', `import type { Clock } from '../ports.ts';`],
  ])('%s: %s', (file, text) => {
    expect(layerViolations(sourcesOf({ [file]: text }))).toHaveLength(1);
  });

  test.each([
    ['machines/pod.machine.ts', `import { setup } from 'xstate'; import { z } from 'zod'; import './timing.ts';`],
    ['src/manager.ts', `import { podMachine } from '../machines/index.ts'; import './reader.ts'; import 'node:fs';`],
    [
      'src/hedging/service.ts',
      `import { createDataManager } from '../index.ts'; import '../service/http.ts'; import 'zod';`,
    ],
    ['test/unit/pod.test.ts', `import '../../src/index.ts'; import '../../visualizations/draw.ts'; import 'vitest';`],
  ])('%s may: %s', (file, text) => {
    expect(layerViolations(sourcesOf({ [file]: text }))).toEqual([]);
  });

  test('the command line is imported by nothing but itself and tests', () => {
    const text = `import { main } from '../cli/main.ts';`;
    expect(cliViolations(sourcesOf({ 'src/service/http.ts': text }))).toHaveLength(1);
    expect(cliViolations(sourcesOf({ 'src/cli/demo.ts': `import './main.ts';` }))).toEqual([]);
    expect(cliViolations(code)).toEqual([]);
  });

  test('the core loads five packages and no other, however indirectly', () => {
    const sources = {
      'src/index.ts': `export { a } from './a.ts';`,
      'src/a.ts': `import type { B } from './b.ts'; import 'node:fs'; import 'zod';`,
      'src/b.ts': `import express from 'express/lib/router'; import '@scope/name/deep';`,
      'src/cli/main.ts': `import 'commander';`,
    };
    expect(coreViolations(sourcesOf(sources))).toEqual([
      'src/index.ts loads express through src/b.ts',
      'src/index.ts loads @scope/name through src/b.ts',
    ]);
    expect(coreViolations(code)).toEqual([]);
  });

  test('a server is loaded only by entries that have one', () => {
    const sources = {
      'src/testing/index.ts': `export { a } from './a.ts';`,
      'src/testing/a.ts': `import { Hono } from 'hono/tiny'; import 'zod';`,
      'src/service/index.ts': `import { Hono } from 'hono';`,
    };
    expect(serverViolations(sourcesOf(sources))).toEqual(['src/testing/index.ts loads hono through src/testing/a.ts']);
    expect(serverViolations(code)).toEqual([]);
  });

  test('there is no cycle, made of types or not', () => {
    const cycle = {
      'src/a.ts': `import type { B } from './b.ts';`,
      'src/b.ts': `export type { C } from './c.ts';`,
      'src/c.ts': `type A = import('./a.ts').A;`,
    };
    expect(cycleViolations(sourcesOf(cycle))).toEqual(['src/a.ts -> src/b.ts -> src/c.ts -> src/a.ts']);
    expect(cycleViolations(sourcesOf({ ...cycle, 'src/c.ts': `type A = string;` }))).toEqual([]);
    expect(cycleViolations(code)).toEqual([]);
  });

  test('this repository keeps to its layers', () => {
    expect(layerViolations(code)).toEqual([]);
  });
});

describe('time and randomness come in through ports', () => {
  test.each([
    'const now = Date.now();',
    'const now = new Date();',
    'const now = performance.now();',
    'const now = process.hrtime.bigint();',
    'const random = Math.random;',
    'setTimeout(run, 10);',
    'const timers = { set: setInterval };',
    'const timers = { setTimeout };',
    'globalThis.setTimeout(run, 10);',
    'const signal = AbortSignal.timeout(10);',
    `import { setTimeout as sleep } from 'node:timers/promises';`,
    `import { performance } from 'node:perf_hooks';`,
  ])('%s', (text) => {
    expect(clockViolations(sourcesOf({ 'src/actors/sync.ts': text }), isAdapter)).not.toEqual([]);
    expect(clockViolations(sourcesOf({ 'src/clock.ts': text }), isAdapter)).toEqual([]);
  });

  test.each([
    'clock.setTimeout(run, 10);',
    'type Clock = { now(): number; setTimeout(run: () => void, delayMs: number): unknown };',
    'class Virtual { setTimeout(run: () => void) { this.runs.push(run); } }',
    'const day = new Date(ms).toISOString();',
    '// Date.now() would step back here',
  ])('%s is no use of them', (text) => {
    expect(clockViolations(sourcesOf({ 'src/actors/sync.ts': text }), isAdapter)).toEqual([]);
  });

  test('this repository looks at the time in its adapters only', () => {
    expect(clockViolations(shippedCode, isAdapter)).toEqual([]);
  });
});

describe('files', () => {
  test(`of machines and src have at most ${longestFile} lines`, () => {
    const text = 'a\n'.repeat(longestFile);
    expect(lengthViolations(sourcesOf({ 'src/a.ts': text }))).toEqual([]);
    expect(lengthViolations(sourcesOf({ 'src/redis/lua/a.lua': `${text}a\n` }))).toHaveLength(1);
    expect(lengthViolations(shipped)).toEqual([]);
  });

  test('stand where they belong', () => {
    expect(topLevelViolations(['knip.json', 'scripts/build.ts', 'utils.ts'])).toHaveLength(3);
    expect(topLevelViolations(['src/a.ts', '.ci/run', 'tsconfig.build.json', 'LICENSE'])).toEqual([]);
    expect(topLevelViolations(files)).toEqual([]);
  });

  test('name neither a folder of one machine nor a registry', () => {
    const registry = ['registry', 'npmjs', 'org'].join('.');
    const [work, home] = [
      ['', 'work', 'main'],
      ['', 'home', 'somebody', 'code'],
    ].map((parts) => parts.join('/'));
    for (const text of [
      `see ${work}`,
      `cd ${home}`,
      `"resolve${'d'}": "https://elsewhere/a.tgz"`,
      `see ${registry}`,
      `registry = x`,
    ]) {
      expect(foreignViolations(sourcesOf({ 'docs/a.md': text })), text).not.toEqual([]);
    }
    expect(foreignViolations(sourcesOf({ a: 'in /opt/here/there' }), ['/opt/here'])).toHaveLength(1);
    expect(foreignViolations(sourcesOf({ a: `.${work}, GET /health, src/work/a.ts, file:///etc/passwd` }), [])).toEqual(
      [],
    );
    expect(foreignViolations(readSources(files))).toEqual([]);
  });
});
