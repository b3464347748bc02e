import type { SizingQuestion } from '../analysis/sizing/waits/size-servers.ts';
import { mostServers } from '../analysis/sizing/waits/smallest-servers.ts';
import { type WaitObjective, type WaitingLoad, busyServers } from '../analysis/sizing/waits/waiting-load.ts';
import { UnitError, milliseconds, parseDuration, parseRate, perSecond } from '../model/units.ts';
import { parseObjective } from '../scenarios/parse-objective.ts';
import type { Reasons } from '../scenarios/reasons.ts';
import { type InputRange, parseRange } from './input-range.ts';
import { parseVariation } from './parse-variation.ts';

/** What the flags of a sizing by waits say, as it was typed, or measured; `timeFlag` is what a use of a server is called. */
export interface WaitingFlags {
  readonly arrivalRate: string | undefined;
  readonly time: string | undefined | InputRange;
  readonly timeFlag: string;
  readonly timeCv: string | InputRange;
  readonly arrivalCv: string;
  readonly waitObjective: string | undefined;
  readonly order: WaitingLoad['order'];
  /** Arrivals at the servers for each arrival that the flags count. */
  readonly perArrival: number;
}

type Asked = Pick<SizingQuestion, 'load' | 'lightest' | 'heaviest' | 'objective'>;

/** Load and objective; what is wrong with the flags is added to `reasons`, and the answer is of no use then. */
export function readWaiting(flags: WaitingFlags, reasons: Reasons): Asked {
  const range = (
    where: string,
    text: string | undefined,
    parse: (text: string) => number,
    example: string,
  ): InputRange =>
    reasons.collect(where, { low: 1, middle: 1, high: 1 }, () => {
      if (text === undefined) throw new UnitError('is missing', `such as ${where} ${example}`);
      return parseRange(text, parse);
    });
  const rate = range('--arrival-rate', flags.arrivalRate, (text) => positive(parseRate(text), text), '500/s');
  const time =
    typeof flags.time === 'object'
      ? flags.time
      : range(flags.timeFlag, flags.time, (text) => positive(parseDuration(text), text), '10ms');
  const serviceCv =
    typeof flags.timeCv === 'object'
      ? flags.timeCv
      : range(`${flags.timeFlag.replace('-time', '')}-cv`, flags.timeCv, variation, '1');
  const arrivalCv = range('--arrival-cv', flags.arrivalCv, variation, '1');
  const objective = reasons.collect('--wait-objective', null, () => parseWaitObjective(flags.waitObjective));
  const at = (end: keyof InputRange): WaitingLoad => ({
    arrivalRate: perSecond(rate[end] * flags.perArrival),
    serviceTime: milliseconds(time[end]),
    serviceCv: serviceCv[end],
    arrivalCv: arrivalCv[end],
    order: flags.order,
  });
  const load = at('middle');
  const exact = [rate, time, serviceCv, arrivalCv].every(({ low, high }) => low === high);
  const most = busyServers(exact ? load : at('high'));
  if (most >= mostServers)
    reasons.add(
      '--arrival-rate',
      `keeps ${most.toPrecision(4)} busy on average, and no more than ${mostServers} can be sized`,
      `a lower rate or a shorter ${flags.timeFlag}: those of one instance?`,
    );
  return {
    load,
    lightest: exact ? load : at('low'),
    heaviest: exact ? load : at('high'),
    objective: objective ?? { limit: milliseconds(0), share: 1 },
  };
}

/**
 * 'p99<5ms' or 'within(5ms)>=99%' → P(wait > 5 ms) ≤ 1 %.
 *
 * @throws UnitError
 */
export function parseWaitObjective(text: string | undefined): WaitObjective {
  const hint = "write --wait-objective 'p99<5ms' or 'within(5ms)>=99%'";
  if (text === undefined) throw new UnitError('is missing', hint);
  const objective = parseObjective(text);
  if (objective.endpoint !== null) throw new UnitError(`"${text}" names an endpoint: a wait has none`, hint);
  if (objective.kind !== 'latency-quantile' && objective.kind !== 'within')
    throw new UnitError(`"${text}" is no objective for a wait`, hint);
  const [limit, within] =
    objective.kind === 'within' ? [objective.durationMs, objective.limit] : [objective.limitMs, objective.quantile];
  if (limit === 0)
    throw new UnitError(`"${text}" allows no wait at all`, 'no number of servers rules a wait out: p99<1ms');
  if (within === 1)
    throw new UnitError(`"${text}" allows no exception`, 'no number of servers rules a wait out: >=99.99%');
  if (within === 0) throw new UnitError(`"${text}" asks for nothing`, hint);
  return { limit, share: Number((1 - within).toPrecision(8)) };
}

function positive(value: number, text: string): number {
  if (!(value > 0)) throw new UnitError(`"${text}" is not above 0`, 'nothing can be sized for no load');
  return value;
}

const variation = (text: string): number => parseVariation(text, largestCv);
const largestCv = 10;
