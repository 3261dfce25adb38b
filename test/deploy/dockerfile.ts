/** `deploy/Dockerfile`, parsed. */
import { readFileSync } from 'node:fs';
import { DockerfileParser, type JSONInstruction } from 'dockerfile-ast';

export const dockerfile = 'deploy/Dockerfile';

export type Step = Readonly<{
  /** `COPY`, `RUN` … */
  keyword: string;
  flags: Readonly<Record<string, string>>;
  args: readonly string[];
  /** As it stands there, without keyword and flags. */
  text: string;
}>;

export type Stage = Readonly<{ name: string; image: string; steps: readonly Step[] }>;

export function stages(): Stage[] {
  const found: { name: string; image: string; steps: Step[] }[] = [];
  for (const instruction of DockerfileParser.parse(readFileSync(dockerfile, 'utf8')).getInstructions()) {
    const keyword = instruction.getKeyword();
    const words = instruction.getArguments().map((argument) => argument.getValue());
    if (keyword === 'FROM') found.push({ image: words[0] ?? '', name: words[2] ?? 'image', steps: [] });
    const flags = (instruction as JSONInstruction).getFlags?.() ?? [];
    const args = words.filter((word) => !flags.some((flag) => flag.toString() === word));
    found.at(-1)?.steps.push({
      keyword,
      flags: Object.fromEntries(flags.map((flag) => [flag.getName(), flag.getValue() ?? ''])),
      args,
      text: args.join(' '),
    });
  }
  return found;
}

/** Of an instruction in its exec form, `["a", "b"]`. */
export function command(stage: Stage | undefined, keyword: string): string[] {
  const text = stage?.steps.findLast((step) => step.keyword === keyword)?.text ?? '';
  return JSON.parse(text.slice(text.indexOf('[')));
}
