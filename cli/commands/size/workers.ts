import type { Options } from 'yargs';
import { UnitError, milliseconds, parseDuration } from '../../../model/units.ts';
import { MisuseError } from '../../../scenarios/misuse.ts';
import { Reasons } from '../../../scenarios/reasons.ts';
import type { Command } from '../../command.ts';
import { composeWorkers } from '../../compose-workers.ts';
import { exitCodes } from '../../exit-codes.ts';
import { printFigures } from '../../print-figures.ts';
import { readWaiting } from '../../waiting-flags.ts';
import { type FlagValues, withFlags } from '../../with-flags.ts';
import { type WorkersAsked, workersFigures } from '../../workers-figures.ts';

const options = {
  'arrival-rate': { type: 'string', describe: 'jobs per second of one instance (500/s, or 450/s..550/s)' },
  'service-time': { type: 'string', describe: 'mean time that a job keeps its worker (40ms, or 30ms..50ms)' },
  'service-cv': { type: 'string', default: '1', describe: 'standard deviation / mean of the service times' },
  'arrival-cv': { type: 'string', default: '1', describe: 'standard deviation / mean of the gaps between jobs' },
  'wait-objective': { type: 'string', describe: "'p99<50ms' or 'within(50ms)>=99%', for the wait for a worker" },
  'cpu-time': { type: 'string', describe: 'processor time of one job (5ms); with --cpus' },
  cpus: { type: 'string', describe: 'cores there are for the workers (GOMAXPROCS, or the CPU limit: 1.5)' },
} as const satisfies Record<string, Options>;

type Flags = FlagValues<typeof options>;

export const sizeWorkers: Command<Flags> = {
  examples: [
    [
      "size workers --arrival-rate 200/s --service-time 40ms --wait-objective 'p99<50ms'",
      'goroutines behind a channel',
    ],
    [
      "size workers --arrival-rate 200/s --service-time 40ms --wait-objective 'p99<50ms' --cpu-time 5ms --cpus 2",
      'of which each job keeps a core busy for 5 ms',
    ],
  ],
  flags: (yargs) => withFlags(yargs, options),
  check: async (flags) => askedBy(flags),
  run: async (flags, { terminal, seed }) => {
    const figures = workersFigures(askedBy(flags), seed ?? 1);
    printFigures(terminal, 'plimsoll/size-workers/1', figures, composeWorkers);
    return figures.recommended === null ? exitCodes.inconclusive : exitCodes.done;
  },
};

/** All that is wrong with the flags at once. */
function askedBy(flags: Flags): WorkersAsked {
  const reasons = new Reasons();
  const waiting = readWaiting(
    {
      ...flags,
      time: flags.serviceTime,
      timeFlag: '--service-time',
      timeCv: flags.serviceCv,
      order: 'fifo',
      perArrival: 1,
    },
    reasons,
  );
  const { cpuTime: timeText, cpus: coresText } = flags;
  const none = milliseconds(0);
  const cpuTime =
    timeText === undefined
      ? none
      : reasons.collect('--cpu-time', none, () => aboveZero(parseDuration(timeText), timeText));
  const cores =
    coresText === undefined ? 0 : reasons.collect('--cpus', 0, () => aboveZero(Number(coresText), coresText));
  if ((timeText === undefined) !== (coresText === undefined))
    reasons.add(
      timeText === undefined ? '--cpu-time' : '--cpus',
      'is missing',
      'give both --cpu-time and --cpus, or neither',
    );
  else if (cpuTime > waiting.load.serviceTime && flags.serviceTime !== undefined)
    reasons.add('--cpu-time', 'is longer than --service-time', 'a job runs no longer than it keeps its worker');
  if (reasons.list.length > 0) throw new MisuseError(reasons.list);
  return { ...waiting, cpu: cpuTime > 0 ? { cpuTime, cores } : null };
}

function aboveZero<T extends number>(value: T, text: string): T {
  if (!(value > 0 && Number.isFinite(value)))
    throw new UnitError(`"${text}" is not a number above 0`, 'such as 5ms, or 1.5 cores');
  return value;
}
