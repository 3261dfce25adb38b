/** What `bellwether simulate` says when it is asked for something that isn't there. */
import { expect, test } from 'vitest';
import { parseSimulateOptions } from '../../src/cli/simulate/options.ts';

test.each([
  [['--seeds', 'many'], '--seeds: expected a whole number from 1, got "many".'],
  [['--pods', '200000'], '--pods: expected a whole number from 1 to 100000, got "200000".'],
  [['--hours', '0'], '--hours: expected a number above 0, got "0".'],
  [['--only', 'pod.crash,pod.dance'], '--only: there is no fault "pod.dance"; there are'],
  [['--speed', '9'], 'Unknown option "--speed": try "bellwether simulate --help".'],
])('%j is refused with a sentence', (args, sentence) => {
  expect(() => parseSimulateOptions(args)).toThrow(sentence);
});

test('seeds are counted from --from; --seed is that one', () => {
  expect(parseSimulateOptions(['--from', '7', '--seeds', '3'])).toMatchObject({
    seeds: [7, 8, 9],
    pods: 5,
    processes: 2,
  });
  expect(parseSimulateOptions(['--seed', '17', '--faults', '0'])).toMatchObject({ seeds: [17], faults: 0 });
});
