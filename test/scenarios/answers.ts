/** Datasets of which one answer is odd: no JSON at all, or one that only the pod that fetched it takes. */
import { z } from 'zod';
import { parseJsonBody } from '../../src/source/json-body.ts';
import { SourceError } from '../../src/source/source.ts';
import type { SimulatedDataset } from '../../src/testing/fleet-options.ts';

const page = '<!doctype html><title>Please sign in</title>';

/** What stands after `answer 2 is` in the line of a dataset. */
export const oddAnswers: Readonly<Record<string, (which: number) => SimulatedDataset>> = {
  'a page': (which) => ({ schema: z.object({ day: z.number() }), source: bytesOf(which) }),
  'taken by its publisher alone': (which) => {
    let day = 0;
    return { schema: takenOnce(which), source: async () => ++day };
  },
};

/** Answers as a server sends them, read as `httpSource` reads them. */
function bytesOf(which: number): () => Promise<unknown> {
  let day = 0;
  return async () => {
    const text = ++day === which ? page : JSON.stringify({ day });
    const read = parseJsonBody(Buffer.from(text));
    if ('fault' in read) throw new SourceError(read.fault, `The simulated API answered ${read.what}.`);
    return read.data;
  };
}

/** As where the pod that fetches runs new code and all others run old code: who looks first is who fetched. */
function takenOnce(which: number): z.ZodType<number> {
  let isTaken = false;
  return z.number().refine((answer) => {
    if (answer !== which) return true;
    const isFirst = !isTaken;
    isTaken = true;
    return isFirst;
  }, 'is of a kind that this version does not know');
}
