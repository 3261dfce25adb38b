/** `bellwether replay FILE`: a trace in the dashboard's page, on this machine, until Ctrl-C. */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { readTrace, type TraceFile, traceText } from '../../machines/index.ts';
import { serveDashboard } from '../service/dashboard/serve-alone.ts';
import { listenForInterruption } from './demo/interruption.ts';
import { parseArguments } from './parse-arguments.ts';
import { parsePort } from './port.ts';
import { UsageError } from './usage-error.ts';

export async function replay(args: readonly string[]): Promise<number> {
  const { file, port } = parseReplayOptions(args);
  const { lines, refused } = read(file);
  if (refused.length > 0) {
    const many = `${refused.length} of its lines could not be read and are left out`;
    console.error(`${file}: ${many}, the first is line ${refused[0]}.`);
  }
  const about = { title: `Replay of ${basename(file)}`, mode: 'replay', faults: [] } as const;
  const server = await serveDashboard({ about, trace: traceText(lines) }, port);
  console.log(`${lines.length} lines of ${file}. Open ${server.url} (Ctrl-C ends it).`);
  const interruption = listenForInterruption(() => process.exit(130));
  await new Promise((resolve) => interruption.signal.addEventListener('abort', resolve, { once: true }));
  interruption.end();
  await server.close();
  return 0;
}

function parseReplayOptions(args: readonly string[]): { file: string; port: number } {
  const [file, ...rest] = args;
  if (file === undefined || file.startsWith('-'))
    throw new UsageError('Which file? Write "bellwether replay FILE", with a trace file or a log in JSON lines.');
  const { port } = parseArguments('replay', rest, { port: { type: 'string' } });
  return { file, port: parsePort(port ?? '0') };
}

function read(file: string): TraceFile {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`${file} could not be read: ${(error as Error).message}.`);
  }
  const trace = readTrace(text);
  if (trace.lines.length > 0) return trace;
  throw new UsageError(
    `${file} holds no line of a trace: name a trace file, or the log of a service as JSON lines (LOG_LEVEL=info).`,
  );
}
