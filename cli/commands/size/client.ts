import type { Options } from 'yargs';
import { holdAt } from '../../../analysis/sizing/pool/measured-hold.ts';
import type { MeasuredCalls } from '../../../analysis/sizing/client/measured-calls.ts';
import { type Milliseconds, UnitError, parseDuration, parseRate, perSecond } from '../../../model/units.ts';
import { formatRate } from '../../../reports/format-quantity.ts';
import { MisuseError } from '../../../scenarios/misuse.ts';
import { Reasons } from '../../../scenarios/reasons.ts';
import { type CallsOfRun, callsOfRun } from '../../calls-of-run.ts';
import type { ClientAsked } from '../../client-asked.ts';
import { type ClientFigures, clientFigures, unknownCalls } from '../../client-figures.ts';
import type { Command } from '../../command.ts';
import { composeClient } from '../../compose-client.ts';
import { exitCodes } from '../../exit-codes.ts';
import { type InputRange, parseRange } from '../../input-range.ts';
import { slowestOf } from '../../measured-calls-figures.ts';
import { parseCount } from '../../parse-count.ts';
import { parsePerRequest } from '../../parse-per-request.ts';
import { printFigures } from '../../print-figures.ts';
import { readWaiting } from '../../waiting-flags.ts';
import { type FlagValues, withFlags } from '../../with-flags.ts';

const options = {
  'arrival-rate': { type: 'string', describe: 'requests per second of one instance (200/s, or 180/s..220/s)' },
  'calls-per-request': { type: 'string', describe: 'calls to this server per request, if not 1 and no run tells' },
  'call-time': { type: 'string', describe: 'mean time of a call until its body was read (30ms, or 25ms..40ms)' },
  'call-cv': { type: 'string', describe: 'standard deviation / mean of the call times, if not 1 and no run tells' },
  'call-p999': { type: 'string', describe: '99.9 % of the calls are answered within (300ms): for the timeout' },
  'arrival-cv': { type: 'string', default: '1', describe: 'standard deviation / mean of the gaps between calls' },
  'wait-objective': { type: 'string', describe: "'p99<5ms' or 'within(5ms)>=99%', for the wait for a connection" },
  run: { type: 'string', describe: 'instead of the call times: a run that shows them (id, prefix, folder, "last")' },
  'call-metric': {
    type: 'string',
    describe: 'histogram of the run that times the calls, if not that of OpenTelemetry',
  },
  host: { type: 'string', describe: 'of several servers that the run’s target calls this one' },
  'downstream-servers': { type: 'string', describe: 'calls that the server behind answers at once without slowing' },
  'server-idle-timeout': { type: 'string', describe: 'how long the server behind keeps an idle connection (75s)' },
  deadline: { type: 'string', describe: 'what the caller has left for a call (500ms)' },
  hosts: { type: 'string', default: '1', describe: 'servers that this client calls alike' },
} as const satisfies Record<string, Options>;

type Flags = FlagValues<typeof options>;
type MeasuredRun = CallsOfRun & { readonly status: 'measured' };

export const sizeClient: Command<Flags> = {
  examples: [
    ["size client --arrival-rate 200/s --call-time 30ms --wait-objective 'p99<5ms'", 'connections to one server'],
    [
      "size client --arrival-rate 200/s --call-time 25ms..40ms --call-cv 2 --wait-objective 'p99<5ms'",
      'call times that scatter more and are not known exactly',
    ],
    [
      "size client --arrival-rate 200/s --call-time 30ms --wait-objective 'p99<5ms' --server-idle-timeout 75s --call-p999 300ms --deadline 500ms",
      'with the idle time and the timeout of a call',
    ],
    ["size client --run last --arrival-rate 200/s --wait-objective 'p99<5ms'", 'as a run measured it'],
  ],
  flags: (yargs) => withFlags(yargs, options),
  check: async (flags) => askedBy(flags, null),
  run: async (flags, { terminal, seed, runsDirectory }) => {
    const figures = await figuresFor(flags, seed ?? 1, runsDirectory);
    printFigures(terminal, 'plimsoll/size-client/1', figures, composeClient);
    return figures.recommended === null ? exitCodes.inconclusive : exitCodes.done;
  },
};

async function figuresFor(flags: Flags, seed: number, runsDirectory: string): Promise<ClientFigures> {
  const given = askedBy(flags, null);
  if (flags.run === undefined) return clientFigures(given, seed);
  const calls = await callsOfRun(flags.run, runsDirectory, flags.callMetric ?? null, flags.host ?? null);
  if (calls.status === 'unknown') return unknownCalls(given, 'calls-unknown', `run ${calls.run}: ${calls.reason}`);
  const asked = askedBy(flags, calls);
  return callsAt(calls, flags.arrivalRate) === null
    ? unknownCalls(
        asked,
        'beyond-measured-range',
        `${flags.arrivalRate} is beyond ${calls.run}, whose highest valid stage answered ${formatRate(calls.stages.at(-1)?.requestsPerSecond ?? null)}: the server behind may be slower there; measure a stage at that rate, or give --call-time instead of --run`,
      )
    : clientFigures(asked, seed);
}

/** All that is wrong with the flags at once; before the run was read its call times are not to be used. */
function askedBy(flags: Flags, calls: MeasuredRun | null): ClientAsked {
  const reasons = new Reasons();
  if (flags.run !== undefined && flags.callTime !== undefined)
    reasons.add('--call-time', 'and --run are both given', 'either --call-time 30ms, or a run that measured it');
  for (const [flag, value] of [
    ['--call-metric', flags.callMetric],
    ['--host', flags.host],
  ] as const)
    if (value !== undefined && flags.run === undefined)
      reasons.add(flag, 'names something of a run', 'add --run, or leave it out');
  const measured = calls === null ? null : callsAt(calls, flags.arrivalRate);
  const counted = measured === null ? 1 : measured.nearest.callsPerSecond / measured.nearest.requestsPerSecond;
  const { callsPerRequest: perRequest, downstreamServers } = flags;
  const callsPerRequest =
    perRequest === undefined
      ? counted
      : reasons.collect('--calls-per-request', 1, () => parsePerRequest(perRequest, 'calls'));
  const waiting = readWaiting(
    {
      ...flags,
      time: flags.run === undefined ? flags.callTime : (measured?.time ?? { low: 1, middle: 1, high: 1 }),
      timeFlag: '--call-time',
      timeCv: flags.callCv ?? measured?.variation ?? '1',
      order: 'fifo',
      perArrival: callsPerRequest,
    },
    reasons,
  );
  const duration = (where: string, text: string | undefined): Milliseconds | null =>
    text === undefined ? null : reasons.collect(where, null, () => aboveZero(parseDuration(text), text));
  const slowest = duration('--call-p999', flags.callP999);
  const asked = {
    ...waiting,
    callsPerRequest,
    downstreamServers:
      downstreamServers === undefined
        ? null
        : reasons.collect('--downstream-servers', null, () => parseCount(downstreamServers, 1)),
    hosts: reasons.collect('--hosts', 1, () => parseCount(flags.hosts, 1)),
    serverKeeps: duration('--server-idle-timeout', flags.serverIdleTimeout),
    slowest: slowest ?? measured?.slowest ?? null,
    deadline: duration('--deadline', flags.deadline),
    measured: calls,
  };
  if (slowest !== null && flags.callTime !== undefined && slowest < waiting.load.serviceTime)
    reasons.add('--call-p999', 'is shorter than --call-time', 'a mean is below the slowest thousandth');
  if (reasons.list.length > 0) throw new MisuseError(reasons.list);
  return asked;
}

/** What a run says of the calls at a rate of requests. */
interface CallsAtRate {
  readonly time: InputRange;
  readonly variation: InputRange | null;
  readonly slowest: Milliseconds | null;
  /** The stage whose rate is nearest: its scatter, its tail and its calls per request count. */
  readonly nearest: MeasuredCalls;
}

/** Null beyond the run's rates, and where no rate can be read. */
function callsAt({ stages }: MeasuredRun, rate: string | undefined): CallsAtRate | null {
  if (rate === undefined) return null;
  const asked = new Reasons().collect('', null, () => parseRange(rate, parseRate));
  const [nearest] = stages.toSorted(
    (one, other) =>
      Math.abs(one.requestsPerSecond - (asked?.middle ?? 0)) - Math.abs(other.requestsPerSecond - (asked?.middle ?? 0)),
  );
  if (asked === null || nearest === undefined) return null;
  const [low, middle, high] = [asked.low, asked.middle, asked.high].map((each) => holdAt(stages, perSecond(each)));
  if (low == null || middle == null || high == null) return null;
  const { variation } = nearest.times;
  return {
    time: { low: low.low, middle: middle.estimate, high: high.high },
    variation: variation === null ? null : { ...variation, middle: variation.estimate },
    slowest: slowestOf(nearest.times),
    nearest,
  };
}

function aboveZero<T extends number>(value: T, text: string): T {
  if (!(value > 0)) throw new UnitError(`"${text}" is not above 0`, 'such as 300ms');
  return value;
}
