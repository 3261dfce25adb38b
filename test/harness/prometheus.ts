/** A real Prometheus of a test's own: on loopback, in a temporary folder, ended with the test file whatever happens. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { freePort } from './free-port.ts';
import { endWithUs, temporaryFolder } from './leftovers.ts';
import { ensureTool } from './tool.ts';

export type Sample = Readonly<{ metric: Readonly<Record<string, string>>; value: readonly [number, string] }>;
export type LoadedRule = Readonly<{ name: string; health: string; state: string; lastError?: string }>;

export type Prometheus = Readonly<{
  query(expression: string): Promise<readonly Sample[]>;
  rules(): Promise<readonly LoadedRule[]>;
  stop(): Promise<void>;
}>;

/** Scrapes these addresses (`host:port`) as one job, and evaluates the rules, every half a second. */
export async function startPrometheus(options: {
  job: string;
  targets: readonly string[];
  rules: string;
}): Promise<Prometheus> {
  const folder = temporaryFolder();
  const port = await freePort();
  writeFileSync(join(folder, 'rules.yaml'), options.rules);
  // JSON is YAML.
  const configuration = {
    global: { scrape_interval: '500ms', scrape_timeout: '400ms', evaluation_interval: '500ms' },
    rule_files: ['rules.yaml'],
    scrape_configs: [{ job_name: options.job, static_configs: [{ targets: options.targets }] }],
  };
  writeFileSync(join(folder, 'prometheus.yml'), JSON.stringify(configuration));
  const child = spawn(
    ensureTool('prometheus'),
    [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--log.level=info',
    ],
    { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  endWithUs(child);
  const lines: string[] = [];
  await new Promise<void>((resolve, reject) => {
    createInterface(child.stderr).on('line', (line) => {
      lines.push(line);
      if (line.includes('Server is ready to receive web requests')) resolve();
    });
    child.once('error', reject);
    child.once('close', (code) =>
      reject(new Error(`prometheus ended (${code}) before it was ready:\n${lines.join('\n')}`)),
    );
  });
  const ask = async (path: string): Promise<unknown> => {
    const response = await fetch(`http://127.0.0.1:${port}/api/v1/${path}`);
    const answer = (await response.json()) as { status: string; data: unknown; error?: string };
    if (answer.status !== 'success') throw new Error(`prometheus refused ${decodeURIComponent(path)}: ${answer.error}`);
    return answer.data;
  };
  return {
    query: async (expression) =>
      ((await ask(`query?query=${encodeURIComponent(expression)}`)) as { result: Sample[] }).result,
    rules: async () =>
      ((await ask('rules')) as { groups: { rules: LoadedRule[] }[] }).groups.flatMap(({ rules }) => rules),
    stop: async () => {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    },
  };
}
