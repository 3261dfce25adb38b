/** How the help tells which fleet a command is about. It needs nothing, so that `--help` stays quick. */

export const placeUsage = '[--redis URL] [--namespace NAME]';

export const placeDetails = [
  '  --redis URL        where Redis is; default REDIS_ADDR, else tcp://redis-service:6379. A password belongs into',
  '                     REDIS_ADDR: what stands on a command line, every user of the machine can read',
  '  --namespace NAME   the prefix of the keys of this fleet (hedging)',
];
