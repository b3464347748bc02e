import type { Estimate, Evidence, Finding } from '../../../model/finding.ts';
import type { Plan } from '../../../model/plan.ts';
import { type Milliseconds, after, seconds } from '../../../model/units.ts';
import { increaseIn } from '../../metrics/series-window.ts';
import type { Signal } from '../../metrics/signal.ts';
import { skewedMeanInterval } from '../../statistics/skewed-mean-interval.ts';
import { Completions } from '../../traffic/completions.ts';
import type { DecodedTraffic, SecondTraffic } from '../../traffic/decode-traffic.ts';
import { timeQuantile } from '../../traffic/value-counts.ts';
import { defineAnalyzer } from '../analyzer.ts';
import { confidence } from '../latency-quantiles.ts';
import { makeFinding } from './make-finding.ts';

const id = 'cold-start';

/** How often a second is slower than later ones of the same rate, and by how much, to be a cold one. */
const slower = 2;
const byAtLeast: Milliseconds = seconds(0.004);
/** In the first second or two connections are opened, here and to the database: that alone is no cold start. */
const fewestSeconds = 3;
/** The median of fewer answers is chance. */
const fewestAnswers = 10;
/** What is still slow then is no start. */
const mostSeconds = 30;
/** Later seconds to compare with. */
const fewestLater = 5;
/** A server-side cost per request that is so many times the later one agrees. */
const agrees = 1.5;

/**
 * The first seconds of load slower than later ones at the same rate. Witnesses: response times by second, and the CPU or
 * the waiting for mutexes per request of the same seconds.
 */
export const coldStart = defineAnalyzer({
  name: id,
  needs: ['plan', 'traffic'],
  wants: ['signals'],
  answer: ({ plan, traffic, signals }): readonly Finding[] => {
    const list = secondsOfFirstRate(plan, traffic);
    const later = list.slice(Math.ceil(list.length / 2));
    const warm = middleOf(later.map(({ median }) => median));
    if (warm === null || later.length < fewestLater) return [];
    const isCold = ({ median }: TimedSecond): boolean => median >= slower * warm && median - warm >= byAtLeast;
    const firstWarm = list.findIndex((each) => !isCold(each));
    const cold = list.slice(0, firstWarm === -1 ? list.length : firstWarm);
    if (cold.length < fewestSeconds || cold.length > Math.min(mostSeconds, list.length / 2)) return [];
    // From the first second of the load on, none left out.
    if (cold.at(-1)?.second !== cold.length - 1) return [];
    const extra = extraTime(
      cold.map(({ median }) => median),
      warm,
    );
    const evidence: Evidence[] = [
      {
        source: 'client',
        statement: `median response time more in the first ${cold.length} s than later at the same rate`,
        value: extra.estimate,
        unit: 'ms',
        stage: 0,
      },
      ...serverSide(traffic, cold, later, signals?.process.cpuMs ?? null, 'process', 'CPU time'),
      ...serverSide(traffic, cold, later, signals?.scheduler.mutexWaitMs ?? null, 'go-runtime', 'waiting for mutexes'),
    ];
    const text = {
      id,
      title: `The first ${cold.length} s of load are slower than the rest`,
      recommendation:
        'Prepare what the first requests prepare (templates, caches, connections, code paths) before the service says that it is ready, or send it some requests first. It would be refuted by a second run against the same process that begins as slowly.',
    };
    return [makeFinding(text, { severity: 'warning', evidence, estimate: extra })];
  },
});

interface TimedSecond {
  readonly second: number;
  readonly median: number;
}

/** The seconds from the start on in which the rate was that of the start. */
function secondsOfFirstRate({ loadProfile }: Plan, { stages }: DecodedTraffic): readonly TimedSecond[] {
  const rates = loadProfile.stages.map((stage) =>
    'startPerSecond' in stage && stage.startPerSecond === stage.endPerSecond ? stage.startPerSecond : null,
  );
  const [first = null] = rates;
  if (first === null) return [];
  const until = rates.findIndex((rate) => rate !== first);
  return stages
    .slice(0, until === -1 ? stages.length : until)
    .flatMap(({ all }) => all.seconds)
    .flatMap(timed);
}

function timed({ second, response }: SecondTraffic): TimedSecond[] {
  const median = timeQuantile(response, 0.5);
  return median === null || response.total < fewestAnswers ? [] : [{ second, median }];
}

const middleOf = (values: readonly number[]): number | null =>
  values.toSorted((one, other) => one - other)[values.length >> 1] ?? null;

/** Over the medians of the seconds. */
function extraTime(cold: readonly number[], warm: number): Estimate {
  const { low, high } = skewedMeanInterval(cold, confidence);
  const mean = cold.reduce((sum, value) => sum + value, 0) / cold.length;
  return {
    estimate: mean - warm,
    low: Math.max(0, low - warm),
    high: high - warm,
    confidence,
    method: `mean of the medians of ${cold.length} s, less the median of the later ones`,
  };
}

/** What a request cost the service in the cold seconds and later, where that differs as well. */
function serverSide(
  traffic: DecodedTraffic,
  cold: readonly TimedSecond[],
  later: readonly TimedSecond[],
  signal: Signal | null,
  source: string,
  what: string,
): Evidence[] {
  const completions = new Completions(traffic);
  const costOf = (part: readonly TimedSecond[]): number | null => {
    const [first, last] = [part[0], part.at(-1)];
    if (signal === null || first === undefined || last === undefined) return null;
    const { startedAt } = traffic.measurement;
    const window = { from: after(startedAt, seconds(first.second)), to: after(startedAt, seconds(last.second + 1)) };
    const increase = increaseIn(signal.series, window);
    const answered = increase === null ? 0 : completions.in(increase.from, increase.to);
    return increase === null || increase.resets.length > 0 || answered === 0 ? null : increase.value / answered;
  };
  const [before, now] = [costOf(cold), costOf(later)];
  if (before === null || now === null || before < agrees * now) return [];
  return [
    {
      source,
      statement: `${what} more per request in these seconds; later ${now.toPrecision(3)} ms`,
      value: before - now,
      unit: 'ms',
      stage: 0,
    },
  ];
}
