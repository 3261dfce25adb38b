/** The alerts and the board: tested by promtool, about metrics that exist, with a runbook for whoever is woken. */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { temporaryFolder } from '../harness/leftovers.ts';
import { ensureTool } from '../harness/tool.ts';
import { alerts, boardQueries, exportedSeries, rulesTestFile, unknownNames } from './deployed.ts';

const promtool = (...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(ensureTool('promtool'), args, { encoding: 'utf8' });
  return { status, said: `${stdout}${stderr}` };
};

type Case = { eval_time: string; alertname: string; exp_alerts: unknown[] };
const cases = (parse(readFileSync(rulesTestFile, 'utf8')) as { tests: { alert_rule_test: Case[] }[] }).tests.flatMap(
  ({ alert_rule_test }) => alert_rule_test,
);

const runbook = readFileSync('docs/runbook.md', 'utf8');
/** Of a heading, as GitHub makes it. */
const anchors = [...runbook.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) => title.toLowerCase().replaceAll(' ', '-'));

test.each([
  ['bellwether_is_leadr', 'there is no metric bellwether_is_leadr'],
  ['sum by (datset) (bellwether_epoch)', 'nothing in "sum by (datset) (bellwether_epoch)" has the label datset'],
  ['bellwether_role{rol="leader"}', 'nothing in "bellwether_role{rol="leader"}" has the label rol'],
  ['bellwether_sync_duration_seconds', 'there is no metric bellwether_sync_duration_seconds'],
  ['1', '"1" asks for no metric'],
])('a query for what is not there is found: %s', (query, sentence) => {
  expect(unknownNames(query, exportedSeries())).toEqual([sentence]);
});

describe('the alerts', () => {
  test('pass their unit tests', () => {
    expect(promtool('test', 'rules', rulesTestFile)).toMatchObject({ status: 0 });
  });

  test.each(alerts)('$alert: its metrics exist, its runbook tells what to do, and it is tested both ways', (alert) => {
    expect(unknownNames(alert.expr, exportedSeries())).toEqual([]);
    expect(alert.annotations.runbook_url).toBe(`docs/runbook.md#${alert.alert.toLowerCase()}`);
    expect(anchors).toContain(alert.alert.toLowerCase());
    const ofThis = cases.filter(({ alertname }) => alertname === alert.alert);
    expect(ofThis.some(({ exp_alerts }) => exp_alerts.length > 0)).toBe(true);
    expect(ofThis.some(({ exp_alerts }) => exp_alerts.length === 0)).toBe(true);
  });

  test('every alert of the runbook exists', () => {
    const named = [...runbook.matchAll(/^## (Bellwether\w+)$/gm)].map(([, name]) => name);
    expect(named.toSorted()).toEqual(alerts.map(({ alert }) => alert).toSorted());
  });
});

describe('the board', () => {
  test.each(boardQueries)('$title: $expr', ({ expr }) => {
    expect(unknownNames(expr, exportedSeries())).toEqual([]);
  });

  test('has queries that Prometheus can read', () => {
    const file = join(temporaryFolder(), 'rules.yaml');
    const rules = boardQueries.map(({ expr }, index) => ({ record: `board:${index}`, expr }));
    writeFileSync(file, JSON.stringify({ groups: [{ name: 'board', rules }] }));
    expect(promtool('check', 'rules', '--lint=none', file)).toMatchObject({ status: 0 });
  });
});
