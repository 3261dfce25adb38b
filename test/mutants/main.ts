/**
 * `npm run mutants`: every mutant, which layer caught it and by which test. Fails when one survives.
 *
 *   --all-layers   goes on after the first layer that caught it: what does each of them see?
 *   --only text    those whose name or file contains it
 */
import { parseArgs } from 'node:util';
import { everything, runCampaign } from './campaign.ts';
import { summaryOf, survivors, tableOf } from './report.ts';

const { values } = parseArgs({ options: { 'all-layers': { type: 'boolean' }, only: { type: 'string' } } });
const { only = '' } = values;
const { bugs, mutants } = everything();
const plan = {
  bugs: bugs.filter(({ breaking, file }) => `${breaking} ${file}`.includes(only)),
  mutants: mutants.filter(({ id, file }) => `${id} ${file}`.includes(only)),
};
if (plan.bugs.length + plan.mutants.length === 0) throw new Error(`No mutant has "${only}" in its name or file.`);

const startedAt = performance.now();
const fates = await runCampaign({
  ...plan,
  isForAllLayers: values['all-layers'] === true,
  onProgress: (sentence) => console.error(sentence),
});
console.log(tableOf(fates).join('\n'));
console.log(`\n${summaryOf(fates, (performance.now() - startedAt) / 1000).join('\n')}`);
if (survivors(fates).length > 0) process.exitCode = 1;
