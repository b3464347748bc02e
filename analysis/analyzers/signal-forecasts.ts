import type { ObjectiveResult } from '../../model/finding.ts';
import { objectiveText } from '../../model/objective-text.ts';
import type { Objective } from '../../model/objective.ts';
import type { Capacity, LimiterSignal, OpenEstimate, SignalForecast, SignalPoint } from '../analysis.ts';
import type { CurveForm } from '../models/load-curve/load-curve-problem.ts';
import { curveConfidence, fitLoadCurve } from '../models/load-curve/fit-load-curve.ts';
import { loadReaching } from '../models/load-curve/predict-load-curve.ts';
import { rateText } from '../../model/rate-text.ts';
import { defineAnalyzer } from './analyzer.ts';
import { type Reading, clientSignals, errorOf, targetSignals } from './limiter-readings.ts';
import { type MeasuredLevel, capacityShown, measuredLevels } from './measured-levels.ts';

/**
 * At which rate each signal reaches its limit: by a curve through its values in the steady stages where there is one,
 * else between the stages that were measured. Of signals that stay at zero until something overflows, and of those known
 * by coarse buckets only, no curve is drawn.
 */
export const signalForecasts = defineAnalyzer({
  name: 'signal-forecasts',
  needs: ['plan', 'traffic', 'figures', 'validity', 'objectives'],
  wants: ['targets'],
  answer: ({ plan, traffic, figures, validity, objectives, targets }): readonly SignalForecast[] => {
    if (plan.loadProfile.kind === 'closed') return [];
    const levels = measuredLevels(plan, traffic, figures, validity);
    const watched = [
      ...readingsOf(levels, (level) => [
        ...clientSignals(level.traffic),
        ...targetSignals(targets?.[level.index] ?? null, plan),
      ]),
      ...plan.objectives.flatMap((objective) => watchedObjective(objective, objectives, levels)),
    ];
    return watched.map((each) => forecastOf(each, capacityShown(levels))).toSorted(byRate);
  },
});

/** A signal with its limit, in all stages that have it. */
export interface WatchedSignal {
  readonly signal: LimiterSignal;
  readonly of: string | null;
  readonly limit: number;
  readonly unit: string;
  readonly points: SignalForecast['points'];
}

function readingsOf(
  levels: readonly MeasuredLevel[],
  readings: (level: MeasuredLevel) => readonly Reading[],
): WatchedSignal[] {
  const seen = levels.flatMap((level) => readings(level).map((reading) => ({ level, reading })));
  return [...Map.groupBy(seen, ({ reading }) => reading.signal)].flatMap(([signal, list]): WatchedSignal[] => {
    const limit = list[0]?.reading.limit ?? null;
    const points = list.flatMap(({ level, reading }) =>
      reading.value === null || limit === null
        ? []
        : [
            {
              ...pointOf(level, reading.value, reading.error ?? 0),
              over: reading.over ?? reading.value > limit,
            },
          ],
    );
    if (limit === null || points.length === 0) return [];
    return [{ signal, of: null, limit, unit: list[0]?.reading.unit ?? '', points }];
  });
}

/** Why no curve is drawn. */
export const tooFewLoads = ({ loads, needed }: { readonly loads: number; readonly needed: number }): string =>
  `${loads} steady ${loads === 1 ? 'load is' : 'loads are'} too few for a curve, which takes ${needed}`;

export function pointOf({ index, rate, steady }: MeasuredLevel, value: number, error: number): SignalPoint {
  return { stage: index, ratePerSecond: rate, value, error, steady };
}

/** Latency objectives by their quantile, in the stages that have one. */
function watchedObjective(
  objective: Objective,
  results: readonly ObjectiveResult[],
  levels: readonly MeasuredLevel[],
): WatchedSignal[] {
  if (objective.kind !== 'latency-quantile' || !objective.comparison.startsWith('<')) return [];
  const text = objectiveText(objective);
  const points = levels.flatMap((level) => {
    const result = results.find((one) => one.stage === level.index && one.objective === text);
    if (result === undefined || result.measured === null) return [];
    const over = result.status === 'inconclusive' ? null : result.status === 'fail';
    return [{ ...pointOf(level, result.measured.estimate, errorOf(result.measured)), over }];
  });
  return points.length === 0
    ? []
    : [{ signal: 'latency-objective', of: text, limit: objective.limitMs, unit: 'ms', points }];
}

/** What curve a signal follows; none for those that no curve through steady stages foretells. */
const forms: Readonly<Record<LimiterSignal, readonly CurveForm[]>> = {
  cpu: ['linear'],
  'host-cpu': ['linear'],
  'gc-cpu': ['linear'],
  memory: ['linear'],
  // Running ones by Little's law: as many more as requests are in the system.
  goroutines: ['linear', 'queue'],
  'pool-wait': ['queue', 'queue-of-servers'],
  'mutex-wait': ['linear', 'queue'],
  'latency-objective': ['queue', 'queue-of-servers'],
  'cpu-throttling': [],
  'scheduling-latency': [],
  'accept-queue': [],
  'connection-queue': [],
  shedding: [],
  'error-objective': [],
};

export function forecastOf(watched: WatchedSignal, capacityMost: number | null): SignalForecast {
  const { signal, limit, points } = watched;
  const none = { ratePerSecond: null, curve: null } as const;
  const measured = bracketOf(watched);
  const bracketed = (why: string): SignalForecast =>
    measured === null
      ? { ...watched, ...none, status: 'inconclusive', note: why }
      : {
          ...watched,
          curve: null,
          status: 'bracketed',
          ratePerSecond: {
            ...measured,
            estimate: measured.low,
            confidence: null,
            method: 'between measured stages',
          },
          note: `${why}; under its limit up to ${rateText(measured.low)}, over it from ${rateText(measured.high)}`,
        };
  if (forms[signal].length === 0) {
    return measured === null && points.every(({ over }) => over !== true)
      ? {
          ...watched,
          ...none,
          status: 'inconclusive',
          note: 'never over its limit in these stages, and no curve foretells where it would be',
        }
      : bracketed('no curve foretells it');
  }
  const steady = points.filter((point) => point.steady);
  const fitted = fitLoadCurve(
    steady.map(({ ratePerSecond, value, error }) => ({ load: ratePerSecond, value, error })),
    forms[signal],
    capacityMost,
  );
  if (fitted.status === 'refused') return bracketed(tooFewLoads(fitted));
  const { curve } = fitted.supported[0];
  const reached = loadReaching(fitted, limit);
  const farthest = rateText(fitted.range.farthest);
  switch (reached.status) {
    case 'beyond':
      return measured === null
        ? {
            ...watched,
            ...none,
            curve,
            status: 'not-reached',
            note: `not up to ${farthest}, 1.25 times the highest steady load`,
          }
        : bracketed('the curve through the steady stages does not reach it');
    case 'open':
      return bracketed(
        `the stages leave open whether it is reached before ${farthest}: from ${rateText(reached.low)} on it may be; add a stage between`,
      );
    case 'within': {
      const rate = within(reached, measured);
      if (rate === null) return bracketed('the curve misses what was measured');
      if (reached.estimate < fitted.range.least * nearest)
        return bracketed('it is reached far below the lowest stage: add stages there');
      if (rate.high === null || rate.low === null || rate.high > widest * rate.low)
        return bracketed('the curve leaves its rate open');
      return {
        ...watched,
        curve,
        status: 'predicted',
        ratePerSecond: {
          ...rate,
          confidence: curveConfidence,
          method: 'least squares over the steady stages, profile likelihood',
        },
        note: `by a ${curve.shape === 'linear' ? 'straight line' : 'queueing curve'} through ${steady.length} steady stages`,
      };
    }
    default:
      return reached satisfies never;
  }
}

/** No prediction farther below the lowest stage than 1.25 times. */
const nearest = 0.8;
/** An interval wider than this factor is no figure. */
const widest = 2;

interface Bracket {
  readonly low: number;
  readonly high: number;
}

/** The lowest rate that was over the limit and the highest below it that was under; null where either is missing. */
function bracketOf({ points }: WatchedSignal): Bracket | null {
  const rates = (wanted: boolean): number[] =>
    points.flatMap(({ over, ratePerSecond }) => (over === wanted ? [ratePerSecond] : []));
  const high = Math.min(...rates(true));
  const low = Math.max(...rates(false).filter((rate) => rate < high));
  return Number.isFinite(low) && Number.isFinite(high) ? { low, high } : null;
}

/** What was measured to be over its limit is over it, whatever a curve says; null where both contradict one another. */
function within(
  { estimate, low, high }: Pick<OpenEstimate, 'estimate' | 'low' | 'high'>,
  measured: Bracket | null,
): Pick<OpenEstimate, 'estimate' | 'low' | 'high'> | null {
  if (measured === null) return { estimate, low, high };
  if ((low ?? 0) > measured.high || (high ?? Infinity) < measured.low) return null;
  const most = Math.min(high ?? Infinity, measured.high);
  return { estimate: Math.min(estimate, most), low, high: most };
}

function byRate(left: SignalForecast, right: SignalForecast): number {
  return (left.ratePerSecond?.estimate ?? Infinity) - (right.ratePerSecond?.estimate ?? Infinity) || 0;
}

/** Resources that stop a service by themselves; what waits for them (goroutines, connections, answers) only follows. */
const resources: ReadonlySet<LimiterSignal> = new Set([
  'cpu',
  'host-cpu',
  'gc-cpu',
  'memory',
  'pool-wait',
  'mutex-wait',
  'cpu-throttling',
]);

/** The resource that reaches its limit next once the limiter is lifted. */
export function nextLimiter(
  limiter: Capacity['limiter'],
  forecasts: readonly SignalForecast[],
): Capacity['nextLimiter'] {
  for (const { signal, ratePerSecond } of forecasts)
    if (resources.has(signal) && signal !== limiter?.signal && ratePerSecond !== null) return { signal, ratePerSecond };
  return null;
}
