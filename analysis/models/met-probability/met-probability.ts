import { type PerSecond, perSecond } from '../../../model/units.ts';
import { type Batch, batchProportion } from '../../statistics/batch-proportion.ts';

/** One window of load at one rate: batches of consecutive seconds. */
export interface RateBatches {
  readonly rate: PerSecond;
  readonly batches: readonly Batch[];
}

/** A number with its 95 % interval; null: the stages set no limit on that side. */
export interface RateEstimate {
  readonly estimate: number;
  readonly low: number | null;
  readonly high: number | null;
}

/** How likely an objective is met in a window, by the rate. */
export interface MetCurve {
  readonly status: 'estimated';
  readonly points: readonly MetPoint[];
  /** The highest rate at which it is still met in 95 and in 50 of 100 windows; null: lower than was measured. */
  readonly w95: RateEstimate | null;
  readonly w50: RateEstimate;
  /** Windows in which it was met and was missed. */
  readonly met: number;
  readonly missed: number;
}

export interface MetPoint {
  readonly rate: PerSecond;
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
}

export type NoMetCurve = { readonly status: 'inconclusive' } & Doubt;

type Doubt =
  | { readonly reason: 'too-few-rates'; readonly rates: number; readonly needed: number }
  | { readonly reason: 'never-missed'; readonly highest: number }
  | { readonly reason: 'always-missed'; readonly lowest: number }
  | { readonly reason: 'not-monotone'; readonly missed: number; readonly held: number }
  | { readonly reason: 'too-wide'; readonly low: number; readonly high: number };

export const metConfidence = 0.95;
const fewestRates = 3;
/** An interval of W.50 wider than this factor is no figure. */
const widest = 1.5;
/** Nothing is said below this share of the lowest rate, nor above this times the highest. */
const nearest = 0.8;
const farthest = 1.25;

/**
 * P(objective met in a window | rate), a window being as long as those that were seen. Near saturation neighbouring seconds
 * depend on one another so strongly, and late requests come in so few bursts, that batches within a window tell little of how
 * the next one would scatter. So each window is one observation: met, where the share of its violations was at most the
 * limit, or missed. What is assumed of them is only that the log-odds of being met fall linearly with the logarithm of the
 * rate, from nearly always to nearly never within a factor of 1.02 to 2 (`steepnesses`); both parameters, where it is even
 * and how steep, are weighed over a grid by their likelihood.
 *
 * The estimate at a rate is the median over the parameters, low and high their 95 %; W.95 and W.50 are where these three
 * curves cross 95 and 50 %. What differs between one run and the next is in none of it.
 *
 * @param limit share of requests that may violate the objective, above 0 and below 1
 */
export function metProbability(windows: readonly RateBatches[], limit: number): MetCurve | NoMetCurve {
  const seen = windows.flatMap(({ rate, batches }) => {
    const share = batchProportion(batches, metConfidence);
    return share === null ? [] : [{ rate, share, met: share.estimate <= limit }];
  });
  const doubt = whyNot(seen, limit);
  if (doubt !== null) return { status: 'inconclusive', ...doubt };
  const models = weighedModels(seen);
  const points = curveOf(models, seen);
  const [low = 0, high = 0] = weighedQuantiles(models, ({ even }) => even, [tail, 1 - tail]);
  const w50 = levelAt(points, 0.5);
  if (w50 === null || high > widest * low) return { status: 'inconclusive', reason: 'too-wide', low, high };
  const met = seen.filter((window) => window.met).length;
  return { status: 'estimated', points, w95: levelAt(points, 0.95), w50, met, missed: seen.length - met };
}

const tail = (1 - metConfidence) / 2;

interface SeenWindow {
  readonly rate: PerSecond;
  readonly share: { readonly low: number; readonly high: number };
  readonly met: boolean;
}

function whyNot(windows: readonly SeenWindow[], limit: number): Doubt | null {
  const rates = new Set(windows.map(({ rate }) => rate)).size;
  if (rates < fewestRates) return { reason: 'too-few-rates', rates, needed: fewestRates };
  const ratesOf = (wanted: (window: SeenWindow) => boolean): number[] => windows.filter(wanted).map(({ rate }) => rate);
  const held = ratesOf(({ met }) => met);
  const missed = ratesOf(({ met }) => !met);
  if (missed.length === 0) return { reason: 'never-missed', highest: Math.max(...held) };
  if (held.length === 0) return { reason: 'always-missed', lowest: Math.min(...missed) };
  const surelyMissed = Math.min(...ratesOf(({ share }) => share.low > limit));
  const surelyHeld = Math.max(...ratesOf(({ share }) => share.high <= limit));
  return surelyHeld > surelyMissed ? { reason: 'not-monotone', missed: surelyMissed, held: surelyHeld } : null;
}

/** Where met and missed are even, and how many logarithms of the rate one unit of log-odds takes. */
interface WeighedModel {
  readonly even: number;
  readonly steepness: number;
  readonly weight: number;
}

/** A priori any rate from 0.8 times the lowest to 1.25 times the highest, and any steepness of the list. */
function weighedModels(windows: readonly SeenWindow[]): readonly WeighedModel[] {
  const rates = windows.map(({ rate }) => rate);
  return equalSteps(nearest * Math.min(...rates), farthest * Math.max(...rates), evens).flatMap((even) =>
    steepnesses.map((steepness) => {
      const model = { even, steepness, weight: 1 };
      const weight = windows.reduce((product, { rate, met }) => {
        const chance = chanceAt(model, rate);
        return product * (met ? chance : 1 - chance);
      }, 1);
      return { ...model, weight };
    }),
  );
}

function chanceAt({ even, steepness }: WeighedModel, rate: number): number {
  return 1 / (1 + (rate / even) ** (1 / steepness));
}

function equalSteps(low: number, high: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, step) => low * (high / low) ** (step / (count - 1)));
}

const evens = 300;
/**
 * Of simulated servers (8, p99 six times the service time, windows of 20 s) it is 0.013; the more servers and the longer the
 * window, the less; the more chance, such as stalls, the more.
 */
const steepnesses = equalSteps(0.003, 0.12, 16);

function weighedQuantiles(
  models: readonly WeighedModel[],
  of: (model: WeighedModel) => number,
  probabilities: readonly number[],
): readonly number[] {
  const sorted = models
    .map((model) => ({ value: of(model), weight: model.weight }))
    .toSorted((left, right) => left.value - right.value);
  const sum = sorted.reduce((all, { weight }) => all + weight, 0);
  let reached = 0;
  const cumulated = sorted.map(({ value, weight }) => ({ value, reached: (reached += weight) }));
  return probabilities.map(
    (probability) => cumulated.find((each) => each.reached >= probability * sum)?.value ?? Number.NaN,
  );
}

function curveOf(models: readonly WeighedModel[], windows: readonly SeenWindow[]): readonly MetPoint[] {
  const rates = windows.map(({ rate }) => rate);
  const most = Math.max(...models.map(({ weight }) => weight));
  const likely = models.filter(({ weight }) => weight > negligible * most);
  return equalSteps(nearest * Math.min(...rates), farthest * Math.max(...rates), steps).map((rate) => {
    const [low = 0, estimate = 0, high = 0] = weighedQuantiles(likely, (model) => chanceAt(model, rate), [
      tail,
      0.5,
      1 - tail,
    ]);
    return { rate: perSecond(rate), estimate, low, high };
  });
}

const steps = 80;
/** Thousands of models below this share of the likeliest change no quantile. */
const negligible = 1e-5;

/** Where the curve and its band fall below a probability; null where the estimate is below it from the start. */
function levelAt(points: readonly MetPoint[], probability: number): RateEstimate | null {
  const cross = (of: (point: MetPoint) => number): number | null => {
    const after = points.findIndex((point) => of(point) < probability);
    const [before, next] = [points[after - 1], points[after]];
    if (before === undefined || next === undefined) return null;
    const share = (of(before) - probability) / (of(before) - of(next));
    return before.rate + share * (next.rate - before.rate);
  };
  const estimate = cross((point) => point.estimate);
  return estimate === null ? null : { estimate, low: cross(({ low }) => low), high: cross(({ high }) => high) };
}
