/**
 * `npm run mutants`: every mutant, which layer caught it and by which test. Fails when one survives.
 *
 *   --all-layers   goes on after the first layer that caught it: what does each of them see?
 *   --only text    those whose name or file contains it
 *   --layers a,b   asks these layers alone: what would they catch without the others?
 */
import { parseArgs } from 'node:util';
import { everything, runCampaign } from './campaign.ts';
import { summaryOf, survivors, tableOf } from './report.ts';
import { type Layer, layers } from './run-layer.ts';

const { values } = parseArgs({
  options: { 'all-layers': { type: 'boolean' }, only: { type: 'string' }, layers: { type: 'string' } },
});
const among = (values.layers?.split(',') ?? [...layers]) as Layer[];
const unknown = among.find((layer) => !layers.includes(layer));
if (unknown !== undefined) throw new Error(`There is no layer "${unknown}": there are ${layers.join(', ')}.`);
const { only = '' } = values;
const { bugs, mutants, checkerBugs } = everything();
const plan = {
  bugs: bugs.filter(({ breaking, file }) => `${breaking} ${file}`.includes(only)),
  mutants: mutants.filter(({ id, file }) => `${id} ${file}`.includes(only)),
  checkerBugs: checkerBugs.filter(({ what }) => `${what} checker`.includes(only)),
};
if (plan.bugs.length + plan.mutants.length + plan.checkerBugs.length === 0)
  throw new Error(`No mutant has "${only}" in its name or file.`);

const startedAt = performance.now();
const fates = await runCampaign({
  ...plan,
  among,
  isForAllLayers: values['all-layers'] === true,
  onProgress: (sentence) => console.error(sentence),
});
console.log(tableOf(fates).join('\n'));
console.log(`\n${summaryOf(fates, (performance.now() - startedAt) / 1000).join('\n')}`);
if (survivors(fates).length > 0) process.exitCode = 1;
