import type { AnalysisDetail, ScalabilityChoice } from '../analysis.ts';
import { curveOfCandidate } from '../models/scalability/candidate-curve.ts';
import { type ContestCandidate, type ModelContest, modelContest } from '../models/scalability/model-contest.ts';
import { type ScalabilityDoubt, describeDoubt } from '../models/scalability/scalability-doubt.ts';
import { type ScalabilityPoint, measuredRange } from '../models/scalability/scalability-point.ts';
import { percentText } from '../percent-text.ts';
import { rateText } from '../../model/rate-text.ts';
import { meanOfCounts, mergeValueCounts } from '../traffic/value-counts.ts';
import { defineAnalyzer } from './analyzer.ts';
import { type MeasuredLevel, measuredLevels } from './measured-levels.ts';
import { inSeconds, microseconds, millisecondsOf } from '../../model/units.ts';

export interface ScalabilityAnswer {
  readonly choice: ScalabilityChoice;
  readonly curves: AnalysisDetail['scalabilityCurves'];
}

/**
 * Which law of throughput over concurrency the valid hold stages favour. Throughput is what was completed per second of
 * the steady window; concurrency follows by Little's law, throughput × mean service time: requests written and not yet
 * answered, which is what the service has to do with. (By the response time it would hold the generator's own queue,
 * which in an overloaded stage grows with its length.)
 */
export const scalabilityLaw = defineAnalyzer({
  name: 'scalability-law',
  needs: ['plan', 'traffic', 'figures', 'validity'],
  wants: [],
  answer: ({ plan, traffic, figures, validity }): ScalabilityAnswer => {
    const levels = measuredLevels(plan, traffic, figures, validity);
    const judged = levels.map((level) => ({ level, seen: pointOf(level) }));
    const points = judged.flatMap(({ level, seen }) => ('reason' in seen ? [] : [{ stage: level.index, ...seen }]));
    const leftOut = [
      ...judged.flatMap(({ level, seen }) => ('reason' in seen ? [{ stage: level.index, reason: seen.reason }] : [])),
      ...figures.flatMap(({ stage }) =>
        stage.kind === 'hold' && validity[stage.index]?.status !== 'valid'
          ? [{ stage: stage.index, reason: 'not valid' }]
          : [],
      ),
    ];
    if (points.length === 0)
      return {
        choice: { ...noScalability, note: 'no stage has a throughput and a service time', leftOut },
        curves: [],
      };
    const contest = modelContest(points);
    if (contest.status === 'refused') {
      const few =
        points.length < fewestStages ? [`${points.length} stages are few: ${fewestStages} and more tell`] : [];
      const note = [...contest.reasons.map((doubt) => said(doubt, points)), ...few].join('; ');
      return { choice: { name: 'none', note, candidates: [], points: shown(points, null), leftOut }, curves: [] };
    }
    return {
      choice: {
        name: contest.chosen ?? 'none',
        note: noteOf(contest, points),
        candidates: contest.candidates.map((candidate) => ({
          model: candidate.model,
          weight: candidate.weight,
          deltaAicc: candidate.deltaAicc,
          parameters: Object.fromEntries(
            Object.entries(candidate.parameters).map(([name, value]) => [
              name,
              value === null ? null : { estimate: value.estimate, low: value.low, high: value.high },
            ]),
          ),
          reason: reasonOf(candidate, contest, points),
        })),
        points: shown(points, contest.candidates[0] ?? null),
        leftOut,
      },
      curves: contest.candidates.map((candidate) => ({
        model: candidate.model,
        points: drawn(candidate, points),
      })),
    };
  },
});

type StagePoint = ScalabilityPoint & { readonly stage: number };

function shown(points: readonly StagePoint[], best: ContestCandidate | null): ScalabilityChoice['points'] {
  const throughputAt = best === null ? null : curveOfCandidate(best);
  return points.map(({ stage, concurrency, throughput }) => ({
    stage,
    concurrency,
    throughputPerSecond: throughput,
    fittedPerSecond: throughputAt === null ? null : throughputAt(concurrency),
  }));
}

/** Of a run that measured no load. */
export const noScalability: ScalabilityChoice = {
  name: 'none',
  note: 'no load was measured',
  candidates: [],
  points: [],
  leftOut: [],
};

/** With fewer no law is told from a level throughput unless it fits nearly exactly. */
const fewestStages = 6;
/** More lost requests than this hide how many were in the service at once. */
const mostLost = 0.05;

function pointOf({ figures, traffic }: MeasuredLevel): ScalabilityPoint | { readonly reason: string } {
  const { completedPerSecond, sent, failed, shed, inFlightAtEnd } = figures;
  const mean = meanOfCounts(mergeValueCounts(traffic.all.steady.map(({ service }) => service)));
  if (completedPerSecond === null || completedPerSecond === 0 || mean === null)
    return { reason: 'no answers in its steady window' };
  const lost = (failed + shed + inFlightAtEnd) / Math.max(1, sent);
  if (lost > mostLost) return { reason: `${percentText(lost)} of its requests had no good answer` };
  const held = inSeconds(millisecondsOf(microseconds(mean)));
  return held > 0
    ? { concurrency: completedPerSecond * held, throughput: completedPerSecond }
    : { reason: 'its service time is below a microsecond' };
}

function noteOf({ chosen, candidates, doubts }: ModelContest, points: readonly StagePoint[]): string {
  const sentences = doubts.map((doubt) => said(doubt, points));
  if (chosen === null) return sentences.length > 0 ? sentences.join('; ') : 'the stages do not tell the laws apart';
  const weight = candidates.find(({ model }) => model === chosen)?.weight ?? null;
  const first = `${names[chosen]} fits these ${points.length} stages best${weight === null ? '' : ` (Akaike weight ${weightText(weight)})`}`;
  return [first, ...sentences].join('; ');
}

const names = {
  linear: 'a straight line',
  amdahl: 'Amdahl’s law',
  usl: 'the Universal Scalability Law',
  'hard-limit': 'a hard limit',
} as const;

/** A doubt in words, of stages by their numbers; a concurrency to add is told as a rate as well. */
function said(doubt: ScalabilityDoubt, points: readonly StagePoint[]): string {
  const text = describeDoubt(ofStages(doubt, points), 'stage');
  if (!('addStageAt' in doubt)) return text;
  return `${text} ${doubt.addStageAt === 1 ? 'request' : 'requests'} at once, which is about ${rateText(rateFor(doubt.addStageAt, points))}`;
}

/** Rows are counted from 1, and stages that were left out have none. */
function ofStages(doubt: ScalabilityDoubt, points: readonly StagePoint[]): ScalabilityDoubt {
  switch (doubt.code) {
    case 'not-positive':
    case 'concurrency-below-one':
    case 'duplicate-rows':
      return { ...doubt, rows: doubt.rows.map((row) => points[row - 1]?.stage ?? row) };
    default:
      return doubt;
  }
}

/** Between the measured stages by the logarithm of concurrency; below them in proportion; never above their highest. */
function rateFor(concurrency: number, points: readonly ScalabilityPoint[]): number {
  const sorted = points.toSorted((left, right) => left.concurrency - right.concurrency);
  const above = sorted.findIndex((point) => point.concurrency >= concurrency);
  const [before, after] = [sorted[above - 1], sorted[above]];
  if (after === undefined) return Math.max(...points.map(({ throughput }) => throughput));
  if (before === undefined) return (after.throughput * concurrency) / after.concurrency;
  const share = Math.log(concurrency / before.concurrency) / Math.log(after.concurrency / before.concurrency);
  return before.throughput + share * (after.throughput - before.throughput);
}

function weightText(weight: number): string {
  return weight < leastWeight ? `below ${percentText(leastWeight)}` : percentText(weight);
}

const leastWeight = 0.001;

function reasonOf(
  { model, aicc, deltaAicc, weight, parameters }: ContestCandidate,
  { chosen, candidates }: ModelContest,
  points: readonly ScalabilityPoint[],
): string {
  const name = names[model];
  if (aicc === null || deltaAicc === null)
    return `${name} was not compared: ${points.length} stages are too few for its parameters`;
  const favoured = weight === null ? '' : `, weight ${weightText(weight)}`;
  const behind = `${Number(deltaAicc.toFixed(1))} behind by AICc${favoured}`;
  const bare =
    model === 'hard-limit' && parameters.ceiling === null
      ? ': no stage reached its ceiling, so it is a straight line here'
      : '';
  if (model === chosen) return `${name} was chosen: nothing else has support${favoured}${bare}`;
  if (chosen !== null && deltaAicc < 2)
    return `${name} was not chosen: a further parameter that does not pay for itself (${behind})${bare}`;
  if (chosen !== null) return `${name} was not chosen: ${behind}${bare}`;
  const best = candidates[0]?.model === model;
  return best
    ? `${name} was not chosen, although it fits best: others have support as well${favoured}${bare}`
    : `${name} was ${deltaAicc < 2 ? 'neither chosen nor ruled out' : 'not chosen'}: ${behind}${bare}`;
}

const steps = 40;

/** From the lowest concurrency measured to 1.25 times the highest, and no farther. */
function drawn(
  candidate: ContestCandidate,
  points: readonly ScalabilityPoint[],
): readonly { readonly concurrency: number; readonly throughputPerSecond: number }[] {
  const { least, farthest } = measuredRange(points);
  const throughputAt = curveOfCandidate(candidate);
  return Array.from({ length: steps + 1 }, (_, step) => {
    const concurrency = least + ((farthest - least) * step) / steps;
    return { concurrency, throughputPerSecond: throughputAt(concurrency) };
  });
}
