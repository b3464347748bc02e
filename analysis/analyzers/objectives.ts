import type { Estimate, ObjectiveResult, VerdictStatus } from '../../model/finding.ts';
import type { Objective } from '../../model/objective.ts';
import type { Plan } from '../../model/plan.ts';
import { microsecondsOf, milliseconds, percent, rateOf, seconds } from '../../model/units.ts';
import { type Batch, batchProportion } from '../statistics/batch-proportion.ts';
import { skewedMeanInterval } from '../statistics/skewed-mean-interval.ts';
import { splitBatches } from '../statistics/split-batches.ts';
import {
  type DecodedTraffic,
  type EndpointTraffic,
  type SecondTraffic,
  type StageTraffic,
  sumBooks,
} from '../traffic/decode-traffic.ts';
import { commonUnexpectedStatus } from '../traffic/common-unexpected-status.ts';
import { Completions, doneIn } from '../traffic/completions.ts';
import { queueGrew } from '../traffic/queue-growth.ts';
import { countAbove } from '../traffic/value-counts.ts';
import { type Judgement, allowForLateness } from './allow-for-lateness.ts';
import { defineAnalyzer } from './analyzer.ts';
import { decide, meets } from './decide.ts';
import { confidence, latencyEstimate } from './latency-quantiles.ts';
import { objectiveText } from '../../model/objective-text.ts';
import { percentText } from '../percent-text.ts';
import { wasLate } from './stage-validity.ts';
import type { TargetFigures } from './target-figures.ts';

/**
 * Every objective on every valid hold stage. What is measured, on which requests and with which interval is in
 * docs/objectives.md; how interval and limit become a status is in `decide`.
 */
export const objectives = defineAnalyzer({
  name: 'objectives',
  needs: ['plan', 'traffic', 'validity'],
  wants: ['targets'],
  answer: ({ plan, traffic, validity, targets }): readonly ObjectiveResult[] => {
    const completions = new Completions(traffic);
    return traffic.stages
      .filter(({ index, stage }) => stage.kind === 'hold' && validity[index]?.status === 'valid')
      .flatMap((stage) => {
        const overloaded = queueGrew(stage, traffic.measurement.startedAt, completions);
        const late = wasLate(validity[stage.index]);
        const target = targets?.[stage.index] ?? null;
        const judged = (objective: Objective, at: StageTraffic): Judgement =>
          settleOverload(objective, overloaded, judge(objective, at, traffic, target));
        const asked = plan.objectives.map((objective) => {
          const seen = judged(objective, stage);
          return {
            objective: objectiveText(objective),
            stage: stage.index,
            ...(late ? allowForLateness(objective, stage, plan, seen, judged) : seen),
          };
        });
        return [...asked, ...unaskedShedding(plan, stage)];
      });
  },
});

function judge(
  objective: Objective,
  stage: StageTraffic,
  whole: DecodedTraffic,
  target: TargetFigures | null,
): Judgement {
  const traffic =
    objective.endpoint === null
      ? stage.all
      : [...stage.endpoints, ...stage.steps].find(({ name }) => name === objective.endpoint);
  if (traffic === undefined || traffic.books.due === 0)
    return unknown(`no request was due at endpoint ${objective.endpoint ?? ''}`);
  switch (objective.kind) {
    case 'latency-quantile':
      return judgeQuantile(objective, traffic);
    case 'within':
      return judgeShare(
        objective,
        objective.limit,
        traffic.steady,
        ({ response }) => response.total - countAbove(response, microsecondsOf(objective.durationMs)),
      );
    case 'errors':
      return judgeErrors(objective, traffic);
    case 'shed':
      return judgeShare(objective, objective.limit, traffic.seconds, ({ books }) => books.shed);
    case 'throughput':
      return compare(
        objective,
        objective.limitPerSecond,
        throughputOf(traffic, stage, whole),
        'the steady window is too short',
      );
    case 'gc-cpu':
      return compare(
        objective,
        objective.limit,
        target?.gcCpu ?? null,
        'the GC’s CPU time was not collected in this stage',
      );
    case 'goroutines':
      return compare(
        objective,
        objective.limit,
        target?.peakGoroutines ?? null,
        'goroutines were not collected in this stage',
      );
    case 'rss':
      return compare(
        objective,
        objective.limitBytes,
        target?.peakRss ?? null,
        'memory was not collected in this stage',
      );
    default:
      return objective satisfies never;
  }
}

/**
 * While a queue grows no interval means much: the batches differ because time passes. But a longer stage would only be
 * slower, so where what was seen misses, the steady state does.
 */
function settleOverload(objective: Objective, overloaded: boolean, judgement: Judgement): Judgement {
  const { measured, status } = judgement;
  if (!overloaded || status !== 'inconclusive' || measured === null) return judgement;
  const limit = timeLimit(objective);
  if (limit === null || meets(measured.estimate, objective.comparison, limit)) return judgement;
  return { status: 'fail', measured, reason: 'a queue grew all through the window: a longer stage would be slower' };
}

function timeLimit(objective: Objective): number | null {
  if (objective.kind === 'latency-quantile') return objective.limitMs;
  return objective.kind === 'within' ? objective.limit : null;
}

function unknown(reason: string): Judgement {
  return { status: 'inconclusive', measured: null, reason };
}

function compare(objective: Objective, limit: number, measured: Estimate | null, missing: string): Judgement {
  if (measured === null) return unknown(missing);
  const status = decide(measured, objective.comparison, limit);
  return { status, measured, reason: status === 'inconclusive' ? 'the interval holds the limit' : null };
}

/**
 * By the quantile's own interval; where too few requests lie beyond the quantile for one, by the share of requests
 * beyond the limit, which can still be known to be small enough (or not).
 */
function judgeQuantile(
  objective: Extract<Objective, { kind: 'latency-quantile' }>,
  { steady }: EndpointTraffic,
): Judgement {
  const { estimate } = latencyEstimate(
    steady.map(({ response }) => response),
    objective.quantile,
  );
  if (estimate !== null) return compare(objective, objective.limitMs, estimate, '');
  const limit = microsecondsOf(objective.limitMs);
  const share = batchProportion(
    splitBatches(steady).map((batch) => ({
      hits: total(batch, ({ response }) => countAbove(response, limit)),
      trials: total(batch, ({ response }) => response.total),
    })),
    confidence,
  );
  if (share === null) return unknown('no request due in the steady window was done');
  const beyond = 1 - objective.quantile;
  // A quantile below the limit is a share beyond it of less than 1 − quantile; above it, the other way round.
  const status = decide(share, objective.comparison.startsWith('<') ? '<=' : '>=', beyond);
  const done = total(steady, ({ response }) => response.total);
  return {
    status,
    measured: null,
    reason:
      status === 'inconclusive'
        ? `${done} requests are too few for the quantile itself, and the share of them beyond the limit does not decide`
        : `${done} requests are too few for the quantile itself; decided by the share of them beyond the limit`,
  };
}

function judgeErrors(objective: Extract<Objective, { kind: 'errors' }>, traffic: EndpointTraffic): Judgement {
  const judged = judgeShare(
    objective,
    objective.limit,
    traffic.seconds,
    ({ books }) => books.failed + books.dropped + books.inFlight,
  );
  const unexpected = commonUnexpectedStatus(traffic);
  const { failed, dropped, inFlight } = traffic.books;
  return judged.status === 'fail' && unexpected !== null && unexpected.count > (failed + dropped + inFlight) / 2
    ? { ...judged, reason: `${percentText(unexpected.share)} of the answers were ${unexpected.status}` }
    : judged;
}

function judgeShare(
  objective: Objective,
  limit: number,
  list: readonly SecondTraffic[],
  hits: (second: SecondTraffic) => number,
): Judgement {
  const batches: Batch[] = splitBatches(list).map((batch) => ({
    hits: total(batch, hits),
    trials: sumBooksDue(batch),
  }));
  const share = batchProportion(batches, confidence);
  if (share === null) return unknown('no request was due in the steady window');
  const measured = {
    estimate: share.estimate,
    low: share.low,
    high: share.high,
    confidence,
    method: `batch means and Wilson, ${batches.length} batches`,
  };
  const judged = compare(objective, limit, measured, '');
  return { ...judged, reason: judged.status === 'inconclusive' ? straddling(share.estimate, limit, objective) : null };
}

/** What would settle a share whose interval holds the limit. */
function straddling(estimate: number, limit: number, objective: Objective): string {
  if (estimate !== 0 || !objective.comparison.startsWith('<')) return 'the interval holds the limit';
  return `none was seen, but it takes some ${Math.ceil(wilsonOfNone / limit)} requests to know that so few are usual`;
}

/** Wilson's upper end for 0 of n is about this over n, at 95 %. */
const wilsonOfNone = 3.84;

function sumBooksDue(batch: readonly SecondTraffic[]): number {
  return sumBooks(batch).due;
}

function total(batch: readonly SecondTraffic[], of: (second: SecondTraffic) => number): number {
  return batch.reduce((sum, second) => sum + of(second), 0);
}

/**
 * Done requests whose answer was complete in the steady window, per second: answers that come after it are no throughput
 * of it. The spread between batches of its seconds gives the interval.
 */
function throughputOf(
  { name, steady }: EndpointTraffic,
  { window }: StageTraffic,
  whole: DecodedTraffic,
): Estimate | null {
  const all = whole.stages.flatMap(
    (stage) =>
      (name === '' ? stage.all : [...stage.endpoints, ...stage.steps].find((endpoint) => endpoint.name === name))
        ?.seconds ?? [],
  );
  const batches = splitBatches(steady);
  if (batches.length < 2) return null;
  const rates = batches.flatMap((batch) => {
    const from = milliseconds(Math.max(window.fromMs, seconds(batch[0]?.second ?? 0)));
    const to = milliseconds(Math.min(window.toMs, seconds((batch.at(-1)?.second ?? 0) + 1)));
    if (to <= from) return [];
    return [
      rateOf(
        all.reduce((sum, second) => sum + doneIn(second, from, to), 0),
        milliseconds(to - from),
      ),
    ];
  });
  const mean = rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
  const { low, high } = skewedMeanInterval(rates, confidence);
  return { estimate: mean, low: Math.max(0, low), high, confidence, method: `batch means, ${batches.length} batches` };
}

/** More than this share of 429 and 503 needs an objective of its own to be all right. */
const unaskedShare = percent(1);
const unaskedShed: Objective = { kind: 'shed', endpoint: null, comparison: '<=', limit: unaskedShare };

/**
 * A service that answers "no" is neither failing nor fulfilling what was asked: where it does so to more than a few and no
 * objective says how many may be, the stage is not decided.
 */
function unaskedShedding(plan: Plan, { index, all }: StageTraffic): ObjectiveResult[] {
  const { shed, due } = all.books;
  if (plan.objectives.length === 0 || plan.objectives.some(({ kind }) => kind === 'shed') || shed <= due * unaskedShare)
    return [];
  const { measured } = judgeShare(unaskedShed, unaskedShare, all.seconds, ({ books }) => books.shed);
  return [
    {
      objective: objectiveText(unaskedShed),
      stage: index,
      status: 'inconclusive',
      measured,
      reason: 'the service answered 429 or 503 and no objective says how much of that is all right (such as shed<1%)',
    },
  ];
}

/** Whether a stage held all its objectives: null where it was not judged or some could not be decided and none missed. */
export function heldAt(results: readonly ObjectiveResult[], stage: number): boolean | null {
  const statuses: readonly VerdictStatus[] = results
    .filter((result) => result.stage === stage)
    .map(({ status }) => status);
  if (statuses.includes('fail')) return false;
  return statuses.length > 0 && statuses.every((status) => status === 'pass') ? true : null;
}
