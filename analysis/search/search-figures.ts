import type { Estimate } from '../../model/finding.ts';
import type { Certificate, ProbeFigures, SearchFigures, SearchLine } from '../../model/search-figures.ts';
import { rateText } from '../../model/rate-text.ts';
import { type PerSecond, milliseconds, perSecond } from '../../model/units.ts';
import { batchProportion } from '../statistics/batch-proportion.ts';
import { momentsOf } from '../statistics/moments.ts';
import { studentTQuantile } from '../statistics/student-t.ts';
import type { Decision, SearchFound } from './next-rate.ts';
import {
  type Confirmation,
  type NextTrial,
  type PlacedTrial,
  type SearchEnd,
  type SearchOrder,
  promisedRate,
} from './next-trial.ts';
import { shareOf } from './observe-trial.ts';

/** A trial with what is told of it beside its counts. */
export interface RecordedTrial extends PlacedTrial {
  readonly reasons: readonly string[];
  /** Id of its run. */
  readonly run: string;
  /** Which process of the target it met, from 0; always 0 where the target is not ours to restart. */
  readonly target: number;
}

export interface SearchStory {
  readonly trials: readonly RecordedTrial[];
  readonly order: SearchOrder;
  /** Objectives as written, in the order of the limits. */
  readonly objectives: readonly string[];
  /** What comes next by these trials: `done`, or where an unfinished search stands. */
  readonly next: NextTrial;
  /** Whether the target is launched by us, so that it could be restarted. */
  readonly launched: boolean;
}

const confidence = 0.95;
/** Bounds farther apart than this decide little, however the search ended. */
const wide = 0.12;

/** What the trials say, in the form that is reported. */
export function searchFigures(story: SearchStory): SearchFigures {
  const { next } = story;
  if (next.kind === 'trial') return unanswered(story, 'unfinished', 0, ['the search is not finished']);
  const [first] = next.ends;
  const stopped = next.ends.find(({ result }) => result.status !== 'found') ?? first;
  const { result, objective } = stopped;
  if (result.status === 'found') return found(story, next);
  return unanswered(story, result.status, objective, [reasonOf(story, result)]);
}

function reasonOf({ trials }: SearchStory, { status, rate }: Exclude<SearchEnd['result'], SearchFound>): string {
  switch (status) {
    case 'generator-limited': {
      const reasons = trials.findLast(({ valid }) => !valid)?.reasons ?? [];
      if (reasons.includes('no-traffic'))
        return `at ${rateText(rate)} no request was due for one of the objectives, so nothing is known of it: longer trials see what is seldom (--trial)`;
      return `the load generator, not the target, is the limit: at ${rateText(rate)} it did not keep the schedule (${reasons.join(', ')}), which says nothing of the target`;
    }
    case 'never-overloaded':
      return `no rate up to ${rateText(rate)} overloads the target; a higher --to would let the search go on`;
    case 'always-overloaded':
      return `the objectives are violated by most requests even at ${rateText(rate)}`;
    default:
      return status satisfies never;
  }
}

function found(story: SearchStory, { ends, confirmation }: Extract<NextTrial, { kind: 'done' }>): SearchFigures {
  const { order, objectives } = story;
  const results = ends.flatMap(({ result }) => (result.status === 'found' ? [result] : []));
  const low = promisedRate(ends) ?? perSecond(0);
  const lowest = ends.find(({ result }) => result.rate === low) ?? ends[0];
  const high = perSecond(Math.max(...results.map(({ failsFrom }) => failsFrom)));
  const certified = milliseconds(Math.min(...results.map((result) => result.certified)));
  const weak = [
    ...(high / low - 1 > wide
      ? [`${rateText(low)} passes and ${rateText(high)} fails: a longer --budget brings them closer`]
      : []),
    ...(2 * certified < order.settings.leastCertified
      ? ['the deciding trials were too short to see what is rare: give a longer --budget']
      : []),
  ];
  const certificate = certificateOf(story, low, certified, confirmation, weak.length === 0);
  const reasons = [...weak, ...(confirmation === null || certificate.result === 'pass' ? [] : [certificate.note])];
  return {
    status: 'found',
    boundsPerSecond: { low, high },
    crossingPerSecond: crossingOf(results),
    ended: results.every(({ ended }) => ended === 'bracket') ? 'bracket' : 'budget',
    conclusive: reasons.length === 0,
    reasons,
    objective: objectives[lowest.objective] ?? null,
    limit: order.limits[lowest.objective] ?? null,
    windowMs: certified,
    conditionalThroughputPerSecond: conditionalThroughput(story, lowest.objective, low),
    certificate,
    searches: results.length < 2 ? [] : results.map(lineOf),
    probes: probesOf(story, lowest.objective, ends, confirmation),
  };
}

function unanswered(
  story: SearchStory,
  status: Exclude<SearchFigures['status'], 'found'>,
  objective: number,
  reasons: readonly string[],
): SearchFigures {
  const { order, objectives, trials } = story;
  return {
    status,
    boundsPerSecond: seenBounds(story),
    crossingPerSecond: null,
    ended: null,
    conclusive: status === 'always-overloaded',
    reasons,
    objective: trials.length === 0 ? null : (objectives[objective] ?? null),
    limit: trials.length === 0 ? null : (order.limits[objective] ?? null),
    windowMs: order.settings.leastCertified,
    conditionalThroughputPerSecond: null,
    certificate: null,
    searches: [],
    probes: probesOf(story, objective, [], null),
  };
}

/** The highest rate that held with its whole interval, below the lowest that was violated with its own. */
function seenBounds({ trials, order }: SearchStory): SearchFigures['boundsPerSecond'] {
  const told = trials.flatMap(({ valid, rate, shares }) => {
    const all = shares.map((batches, index) => ({
      share: batchProportion(batches, confidence),
      limit: order.limits[index] ?? 0,
    }));
    if (!valid || all.some(({ share }) => share === null)) return [];
    const missed = all.some(({ share, limit }) => share !== null && share.low > limit);
    const held = all.every(({ share, limit }) => share !== null && share.high <= limit);
    return missed || held ? [{ rate, held: !missed }] : [];
  });
  const missed = told.filter(({ held }) => !held).map(({ rate }) => rate);
  const high = missed.length === 0 ? null : perSecond(Math.min(...missed));
  const held = told.flatMap(({ held: kept, rate }) => (kept && (high === null || rate < high) ? [rate] : []));
  return { low: held.length === 0 ? null : perSecond(Math.max(...held)), high };
}

/**
 * One search: its own interval. Several, with the target restarted between them where it is ours: on a logarithmic scale
 * the mean of the estimates, and beside it Student's interval of their spread and the mean square of their own intervals,
 * added in squares. What each is uncertain about is in the spread as well, so this is rather too wide.
 */
function crossingOf(results: readonly SearchFound[]): Estimate {
  const [one] = results;
  if (one !== undefined && results.length === 1)
    return { ...one.crossing, confidence, method: 'local quasi-binomial model of violations over the rate' };
  const estimates = results.map(({ crossing }) => Math.log(crossing.estimate));
  const { mean, variance } = momentsOf(estimates);
  const spread = studentTQuantile((1 + confidence) / 2, results.length - 1) * Math.sqrt(variance / results.length);
  const own = (side: 'low' | 'high'): number =>
    Math.sqrt(
      results.reduce((sum, { crossing }) => sum + Math.log(crossing[side] / crossing.estimate) ** 2, 0) /
        results.length,
    );
  return {
    estimate: Math.exp(mean),
    low: Math.exp(mean - Math.hypot(spread, own('low'))),
    high: Math.exp(mean + Math.hypot(spread, own('high'))),
    confidence,
    method: `${results.length} searches: Student's t on their spread, and their own intervals`,
  };
}

const lineOf = ({ rate, failsFrom, crossing, certified }: SearchFound): SearchLine => ({
  ratePerSecond: rate,
  failsFromPerSecond: failsFrom,
  crossingPerSecond: { ...crossing, confidence, method: 'local quasi-binomial model of violations over the rate' },
  certifiedMs: certified,
});

function certificateOf(
  { trials, order, launched }: SearchStory,
  rate: PerSecond,
  certified: Certificate['durationMs'],
  confirmation: Confirmation | null,
  enough: boolean,
): Certificate {
  const restarts = new Set(trials.map(({ target }) => target)).size - 1;
  const common = { ratePerSecond: rate, confidence: order.settings.confidence, restarts };
  const notRestarted = launched ? '' : '; the target is not launched by the scenario, so it was not restarted';
  if (confirmation === null)
    return {
      ...common,
      durationMs: certified,
      by: 'search',
      result: enough ? 'pass' : 'undecided',
      note: `by the search's own trials; --certify confirms it by a trial of its own${notRestarted}`,
    };
  const { duration, result } = confirmation;
  return { ...common, durationMs: duration, by: 'confirmation', result, note: noteOf(result, rate) + notRestarted };
}

function noteOf(result: Confirmation['result'], rate: PerSecond): string {
  switch (result) {
    case 'pass':
      return `a trial of its own at ${rateText(rate)} confirmed it`;
    case 'fail':
      return `a trial of its own at ${rateText(rate)} violated the objective: the rate is not confirmed`;
    case 'undecided':
      return `a trial of its own at ${rateText(rate)} decided nothing, which counts as not confirmed`;
    case 'invalid':
      return `the trial of its own at ${rateText(rate)} was limited by the load generator, twice: the rate is not confirmed`;
    default:
      return result satisfies never;
  }
}

/** MLRsearch's conditional throughput: the load less the share that violated the objective. */
function conditionalThroughput(
  { trials }: SearchStory,
  objective: number,
  promised: PerSecond,
): SearchFigures['conditionalThroughputPerSecond'] {
  const [best] = trials
    .filter(({ valid, purpose, rate }) => valid && purpose !== 'overload' && rate <= promised)
    .toSorted((left, right) => right.rate - left.rate);
  const share = best === undefined ? null : batchProportion(best.shares[objective] ?? [], confidence);
  if (best === undefined || share === null) return null;
  const { rate } = best;
  return {
    atPerSecond: rate,
    estimate: rate * (1 - share.estimate),
    low: rate * (1 - share.high),
    high: rate * (1 - share.low),
    confidence,
    method: 'rate less the share that violated the objective, by batch means',
  };
}

function probesOf(
  { trials, order }: SearchStory,
  objective: number,
  ends: readonly SearchEnd[],
  confirmation: Confirmation | null,
): readonly ProbeFigures[] {
  return trials.map((trial): ProbeFigures => {
    const { search, purpose, rate, duration, shares, valid, reasons, run } = trial;
    const batches = (purpose === 'overload' ? widest(shares) : shares[objective]) ?? [];
    const share = batchProportion(batches, confidence);
    const result = ends[search]?.result;
    return {
      search: 1 + Math.min(search, order.repeats - 1),
      purpose,
      ratePerSecond: rate,
      durationMs: duration,
      violationShare:
        share === null
          ? null
          : {
              estimate: share.estimate,
              low: share.low,
              high: share.high,
              confidence,
              method: `batch means and Wilson, ${batches.length} batches`,
            },
      decision: !valid
        ? 'invalid'
        : purpose === 'confirm'
          ? (confirmation?.result ?? 'open')
          : result?.status === 'found'
            ? decided(result, rate)
            : 'open',
      reasons,
      run,
    };
  });
}

function decided({ rate: passes, failsFrom }: SearchFound, rate: PerSecond): Decision {
  return rate <= passes ? 'pass' : rate >= failsFrom ? 'fail' : 'undecided';
}

const widest = (shares: PlacedTrial['shares']): PlacedTrial['shares'][number] | undefined =>
  shares.toSorted((left, right) => shareOf(right) - shareOf(left))[0];
