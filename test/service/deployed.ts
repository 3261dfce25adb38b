/** What `deploy/` has for Prometheus and Grafana, and the metrics that there are for it. */
import { readFileSync } from 'node:fs';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { parse } from 'yaml';
import { z } from 'zod';
import { createDataManager } from '../../src/index.ts';
import { collectMetrics } from '../../src/service/index.ts';

const Rule = z.strictObject({
  alert: z.string(),
  expr: z.string(),
  for: z.string(),
  labels: z.strictObject({ severity: z.enum(['critical', 'warning']) }),
  annotations: z.strictObject({ summary: z.string(), description: z.string(), runbook_url: z.string() }),
});
const Rules = z.strictObject({ groups: z.array(z.strictObject({ name: z.string(), rules: z.array(Rule) })) });

export const rulesFile = 'deploy/prometheus/rules.yaml';
export const rulesTestFile = 'deploy/prometheus/rules.test.yaml';

export const alerts = Rules.parse(parse(readFileSync(rulesFile, 'utf8'))).groups.flatMap(({ rules }) => rules);

const Panel = z.object({ title: z.string(), targets: z.array(z.object({ expr: z.string() })).optional() });
const Board = z.object({
  panels: z.array(Panel),
  annotations: z.object({ list: z.array(z.object({ name: z.string(), expr: z.string() })) }),
});

/** Every query of the board, with what Grafana would put into it. */
export const boardQueries = (() => {
  const { panels, annotations } = Board.parse(JSON.parse(readFileSync('deploy/grafana/bellwether.json', 'utf8')));
  const ofPanels = panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => ({ title, expr })));
  return [...ofPanels, ...annotations.list.map(({ name, expr }) => ({ title: name, expr }))].map(({ title, expr }) => ({
    title,
    expr: expr.replaceAll('$job', '.+').replaceAll('$__rate_interval', '1m'),
  }));
})();

/** The names of all series that a pod of the service exports, and the labels of each. */
export function exportedSeries(): Map<string, readonly string[]> {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const manager = createDataManager({
    namespace: 'test',
    logger: false,
    datasets: { rates: { schema: z.object({}), source: async () => ({}), refreshInterval: '1h' } },
  });
  const metrics = collectMetrics(manager, { registry });
  const series = new Map(
    registry.getMetricsAsArray().flatMap((metric) => {
      const { name, type, labelNames } = metric as unknown as { name: string; type: string; labelNames: string[] };
      const names = type === 'histogram' ? [`${name}_sum`, `${name}_count`, `${name}_bucket`] : [name];
      const labels = type === 'histogram' ? [...labelNames, 'le'] : labelNames;
      return names.map((of): [string, string[]] => [of, labels]);
    }),
  );
  metrics.stop();
  return series;
}

/** By the scrape. */
const labelsOfScrape = ['namespace', 'job', 'instance', 'pod'];

/** One sentence for each series or label of a query that no pod has. */
export function unknownNames(query: string, series: ReadonlyMap<string, readonly string[]>): string[] {
  const withoutTexts = query.replace(/"[^"]*"/g, '""');
  const names = withoutTexts.match(/\b(bellwether|nodejs|process)_\w+/g) ?? [];
  const known = new Set([...labelsOfScrape, ...names.flatMap((name) => series.get(name) ?? [])]);
  const labels = [...withoutTexts.matchAll(/\b(?:by|on) \(([^)]*)\)|\{([^}]*)\}/g)].flatMap(([, grouped, selected]) =>
    (grouped ?? selected ?? '').split(',').map((part) => part.replace(/[=!~].*/, '').trim()),
  );
  return [
    ...(names.length === 0 ? [`"${query}" asks for no metric`] : []),
    ...names.filter((name) => !series.has(name)).map((name) => `there is no metric ${name}`),
    ...labels.filter((label) => !known.has(label)).map((label) => `nothing in "${query}" has the label ${label}`),
  ];
}
