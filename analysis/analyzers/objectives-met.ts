import { objectiveText } from '../../model/objective-text.ts';
import type { Objective } from '../../model/objective.ts';
import { type Milliseconds, microsecondsOf, milliseconds } from '../../model/units.ts';
import type { ObjectivesMet, OpenEstimate } from '../analysis.ts';
import {
  type MetCurve,
  type NoMetCurve,
  type RateBatches,
  type RateEstimate,
  metConfidence,
  metProbability,
} from '../models/met-probability/met-probability.ts';
import type { Batch } from '../statistics/batch-proportion.ts';
import { splitBatches } from '../statistics/split-batches.ts';
import type { SecondTraffic, StageTraffic } from '../traffic/decode-traffic.ts';
import { countAbove } from '../traffic/value-counts.ts';
import { rateText } from '../../model/rate-text.ts';
import { defineAnalyzer } from './analyzer.ts';
import { type MeasuredLevel, measuredLevels } from './measured-levels.ts';

/**
 * P(objectives met in a window | rate), from the valid hold stages of an open loop: a curve for every objective that is
 * about a share of the requests. What is told of all objectives together is told of the one that is met least.
 */
export const objectivesMet = defineAnalyzer({
  name: 'objectives-met',
  needs: ['plan', 'traffic', 'figures', 'validity', 'objectives'],
  wants: [],
  answer: ({ plan, traffic, figures, validity, objectives }): ObjectivesMet => {
    if (plan.loadProfile.kind === 'closed')
      return without('in a closed loop the answers set the pace: no rate is offered');
    if (plan.objectives.length === 0) return without('no objectives were set');
    const levels = measuredLevels(plan, traffic, figures, validity);
    const windowMs = windowOf(levels);
    if (windowMs === null) return without('no hold stage is valid');
    const asked = plan.objectives.map((objective) => {
      const text = objectiveText(objective);
      const missed = objectives.some((result) => result.objective === text && result.status === 'fail');
      return askedOf(objective, missed, levels);
    });
    return together(asked, windowMs);
  },
});

function without(note: string): ObjectivesMet {
  return {
    status: 'inconclusive',
    objective: null,
    windowMs: null,
    w95PerSecond: null,
    w50PerSecond: null,
    curve: [],
    note,
    objectives: [],
  };
}

/** Of a run that measured no load. */
export const nothingMet = without('no load was measured');

/** The length of the steady windows in the middle: what the stages themselves were judged over. */
function windowOf(levels: readonly MeasuredLevel[]): Milliseconds | null {
  const lengths = levels.map(({ traffic: { window } }) => window.toMs - window.fromMs).toSorted((a, b) => a - b);
  const middle = lengths[Math.floor(lengths.length / 2)];
  return middle === undefined ? null : milliseconds(middle);
}

interface Asked {
  readonly told: ObjectivesMet['objectives'][number];
  readonly curve: MetCurve | null;
  /** Whether it may be the one that is met least, although it has no curve. */
  readonly mayBeLeast: boolean;
}

function askedOf(objective: Objective, missed: boolean, levels: readonly MeasuredLevel[]): Asked {
  const text = objectiveText(objective);
  const inconclusive = (note: string, mayBeLeast: boolean): Asked => ({
    told: { objective: text, status: 'inconclusive', w95PerSecond: null, w50PerSecond: null, note },
    curve: null,
    mayBeLeast,
  });
  const counted = sharesOf(objective);
  if (counted === null)
    return inconclusive(
      'not about a share of the requests: the forecast of its signal says where it is reached',
      missed,
    );
  if (!(counted.limit > 0 && counted.limit < 1))
    return inconclusive('a limit of 0 or 1 has no probability to tell', missed);
  // Where the generator was late, late requests are partly its own.
  const told = counted.aboutTimes ? levels.filter(({ late }) => !late) : levels;
  const trials = told.flatMap((level): RateBatches[] => {
    const batches = batchesOf(objective, level.traffic, counted);
    return batches.length === 0 ? [] : [{ rate: level.rate, batches }];
  });
  const seen = metProbability(trials, counted.limit);
  if (seen.status === 'inconclusive')
    return inconclusive(whyNot(seen, levels.length - told.length), seen.reason !== 'never-missed');
  return {
    told: {
      objective: text,
      status: 'estimated',
      w95PerSecond: seen.w95 === null ? null : openEstimate(seen.w95),
      w50PerSecond: openEstimate(seen.w50),
      note: `from ${seen.met + seen.missed} windows, ${seen.met} met and ${seen.missed} missed, each one observation`,
    },
    curve: seen,
    mayBeLeast: true,
  };
}

const method = 'windows met and missed, log-odds linear in the logarithm of the rate';

function openEstimate(estimate: RateEstimate): OpenEstimate {
  return { ...estimate, confidence: metConfidence, method };
}

interface CountedShare {
  /** Share of requests that may violate the objective. */
  readonly limit: number;
  readonly aboutTimes: boolean;
  readonly hits: (second: SecondTraffic) => number;
  readonly trials: (second: SecondTraffic) => number;
}

const due = ({ books }: SecondTraffic): number => books.due;

/** An objective as a share of requests that may violate it; null for those that are about something else. */
function sharesOf(objective: Objective): CountedShare | null {
  switch (objective.kind) {
    case 'latency-quantile': {
      const most = microsecondsOf(objective.limitMs);
      return {
        limit: 1 - objective.quantile,
        aboutTimes: true,
        hits: ({ response }) => countAbove(response, most),
        trials: ({ response }) => response.total,
      };
    }
    case 'within': {
      const most = microsecondsOf(objective.durationMs);
      const late = ({ books, response }: SecondTraffic): number =>
        Math.max(0, books.due - response.total + countAbove(response, most));
      return { limit: 1 - objective.limit, aboutTimes: true, hits: late, trials: due };
    }
    case 'errors':
      return {
        limit: objective.limit,
        aboutTimes: false,
        hits: ({ books }) => books.failed + books.dropped + books.inFlight,
        trials: due,
      };
    case 'shed':
      return { limit: objective.limit, aboutTimes: false, hits: ({ books }) => books.shed, trials: due };
    case 'throughput':
    case 'gc-cpu':
    case 'goroutines':
    case 'rss':
      return null;
    default:
      return objective satisfies never;
  }
}

function batchesOf({ endpoint }: Objective, stage: StageTraffic, { hits, trials }: CountedShare): readonly Batch[] {
  const traffic =
    endpoint === null ? stage.all : [...stage.endpoints, ...stage.steps].find(({ name }) => name === endpoint);
  return splitBatches(traffic?.steady ?? []).map((batch) => ({
    hits: batch.reduce((sum, second) => sum + hits(second), 0),
    trials: batch.reduce((sum, second) => sum + trials(second), 0),
  }));
}

/** `late`: stages that were left out because the generator was late. */
function whyNot(seen: NoMetCurve, late: number): string {
  switch (seen.reason) {
    case 'too-few-rates':
      return late === 0
        ? `${seen.rates} different rates were measured, ${seen.needed} are the fewest: add stages`
        : `the generator was late in ${late} ${late === 1 ? 'stage' : 'stages'}, which leaves ${seen.rates} different rates, and ${seen.needed} are the fewest: run again where it is not`;
    case 'never-missed':
      return `no stage up to ${rateText(seen.highest)} had more violations than allowed: add stages above`;
    case 'always-missed':
      return `every stage from ${rateText(seen.lowest)} on had more violations than allowed: add stages below`;
    case 'not-monotone':
      return `it was missed at ${rateText(seen.missed)} and held at ${rateText(seen.held)}: what decides is not the rate; repeat the stages`;
    case 'too-wide':
      return `the crossing may lie anywhere from ${rateText(seen.low)} to ${rateText(seen.high)}: add stages between, or hold them longer`;
    default:
      return seen satisfies never;
  }
}

/**
 * Of all objectives together: the curve of the one that is met least. Not known where one without a curve may be it.
 */
function together(asked: readonly Asked[], windowMs: Milliseconds): ObjectivesMet {
  const objectives = asked.map(({ told }) => told);
  const unknown = asked.find(({ curve, mayBeLeast }) => curve === null && mayBeLeast) ?? asked[0];
  const [least] = asked.filter(({ curve }) => curve !== null).toSorted((left, right) => rank(left) - rank(right));
  const settled = asked.every(({ curve, mayBeLeast }) => curve !== null || !mayBeLeast);
  if (least === undefined || least.curve === null || !settled) {
    const note = unknown === undefined ? 'no objectives were set' : `${unknown.told.objective}: ${unknown.told.note}`;
    return { ...without(note), windowMs, objectives };
  }
  const { told, curve } = least;
  const several = asked.filter((each) => each.curve !== null).length > 1;
  return {
    status: 'estimated',
    objective: told.objective,
    windowMs,
    w95PerSecond: told.w95PerSecond,
    w50PerSecond: told.w50PerSecond,
    curve: curve.points.map(({ rate, ...chances }) => ({ ratePerSecond: rate, ...chances })),
    note: several ? `${told.note}; of all objectives ${told.objective} is met least` : told.note,
    objectives,
  };
}

function rank({ told: { w95PerSecond, w50PerSecond } }: Asked): number {
  return w95PerSecond?.estimate ?? w50PerSecond?.estimate ?? Infinity;
}
