import type { Random } from '../../../model/random.ts';
import { bootstrap, jackknife } from '../../statistics/bootstrap.ts';
import { bcaInterval } from '../../statistics/bootstrap-interval.ts';
import { levenbergMarquardt } from '../../statistics/levenberg-marquardt.ts';
import type { FittedCurve } from './fitted-curve.ts';
import { type ScalabilityPoint, fitConfidence } from './scalability-point.ts';
import { type UslParameters, uslProblem } from './usl-curve.ts';

/** A quantity of a fitted law with the interval that resampling gives it. */
export interface BootstrappedQuantity {
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
  readonly resamples: number;
}

/**
 * The interval of anything that follows from the law's parameters, by refitting resampled stages: rows of one concurrency
 * are a cluster. Other than the profile likelihood it does not take the scatter to be the same at every concurrency.
 * 95 %, bias-corrected and accelerated.
 *
 * @returns null where fewer than eight stages, or too few resamples with a value, leave nothing to resample
 */
export function bootstrapUsl(
  curve: FittedCurve,
  quantity: (parameters: UslParameters) => number,
  resamples: number,
  random: Random,
): BootstrappedQuantity | null {
  const { points, shape, givenGamma } = curve;
  const stages = [...Map.groupBy(points, ({ concurrency }) => concurrency).values()];
  if (stages.length < fewestStages) return null;
  const start = [curve.gamma, curve.alpha, curve.beta];
  const refit = (drawn: readonly number[]): number | null => {
    if (new Set(drawn).size < fewestDistinct) return null;
    const sample = drawn.flatMap((stage): readonly ScalabilityPoint[] => stages[stage] ?? []);
    const [gamma = 0, alpha = 0, beta = 0] = levenbergMarquardt(
      uslProblem(sample, shape, givenGamma),
      start,
    ).parameters;
    const value = quantity({ gamma, alpha, beta });
    return Number.isNaN(value) ? null : value;
  };
  const values = bootstrap(stages.length, resamples, random, refit);
  if (values.length < resamples) return null;
  const estimate = quantity(curve);
  const leftOut = jackknife(stages.length, refit).filter(Number.isFinite);
  return { estimate, ...bcaInterval(values, estimate, leftOut, fitConfidence), resamples };
}

/** Fewer than this can't show how much stages differ. */
const fewestStages = 8;
/** The law's three parameters and one more. */
const fewestDistinct = 4;
