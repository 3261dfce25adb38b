/** What a command is. */

/** Resolves to the exit code. */
export type Start = (args: readonly string[]) => Promise<number>;

export type Command = Readonly<{
  name: string;
  /** What stands after the name. */
  usage: string;
  summary: string;
  /** The lines of its help. */
  details: readonly string[];
  load(): Promise<Start>;
}>;
