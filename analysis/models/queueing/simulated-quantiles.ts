import { seededRandom, streamSeed } from '../../../model/random.ts';
import { momentsOf } from '../../statistics/moments.ts';
import { sortedValueAt } from '../../statistics/sorted-value-at.ts';
import { studentTQuantile } from '../../statistics/student-t.ts';
import { type ArrivalProcess, DrawnArrivals } from './drawn-arrivals.ts';
import { type GeneralLoad, ggc } from './ggc.ts';
import { waitsInLine } from './waits-in-line.ts';

export interface SimulatedFigure {
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
}

export interface SimulatedQuantiles {
  /** One for each probability that was asked for, in order; ms. */
  readonly waits: readonly SimulatedFigure[];
  readonly responses: readonly SimulatedFigure[];
  readonly meanWait: SimulatedFigure;
  readonly probabilityWait: SimulatedFigure;
  readonly jobs: number;
}

/**
 * Quantiles of G/G/c, first come first served, for which there is no formula: ten independent simulated runs, the first
 * quarter of each left out, with Student's t over the runs (95 %). Gaps are gamma (exponential at cv 1), services
 * lognormal: two numbers, mean and cv, don't fix a distribution, so this is an assumption that has to be said.
 *
 * @returns null where a run of affordable length is too short against the time in which the queue forgets
 */
export function simulatedQuantiles(
  load: GeneralLoad,
  probabilities: readonly number[],
  seed: number,
): SimulatedQuantiles | null {
  const { servers, serviceTime, arrivalCv, serviceCv } = load;
  const { utilization, offeredErlangs } = ggc(load, 'sakasegawa');
  const forgets = (Math.max(1, arrivalCv ** 2 + serviceCv ** 2) * utilization) / (1 - Math.sqrt(utilization)) ** 2;
  const jobs = Math.max(leastJobs, Math.ceil(forgets * 50), servers * 100);
  if (jobs > mostJobs) return null;
  const arrivals: ArrivalProcess = {
    meanGap: serviceTime / offeredErlangs,
    gaps:
      arrivalCv === 0
        ? { kind: 'constant' }
        : arrivalCv === 1
          ? { kind: 'exponential' }
          : { kind: 'gamma', cv: arrivalCv },
    meanHold: serviceTime,
    holds: serviceCv === 0 ? { kind: 'constant' } : { kind: 'lognormal', cv: serviceCv },
  };
  const settled = Math.floor(jobs / 4);
  const runs = Array.from({ length: replications }, (_, run) => {
    const random = seededRandom(streamSeed(seed, run));
    const drawn = new DrawnArrivals(arrivals, random).first(jobs);
    const waits = waitsInLine(drawn, servers, 'fifo', random).subarray(settled);
    const responses = waits.map((wait, job) => wait + (drawn.holds[settled + job] ?? 0));
    const count = waits.length;
    const quantilesOf = (values: Float64Array): readonly number[] =>
      probabilities.map((probability) => sortedValueAt(values, Math.min(count - 1, Math.floor(probability * count))));
    return {
      waits: quantilesOf(waits),
      responses: quantilesOf(responses),
      meanWait: waits.reduce((sum, wait) => sum + wait, 0) / count,
      probabilityWait: waits.reduce((sum, wait) => sum + (wait > 0 ? 1 : 0), 0) / count,
    };
  });
  return {
    waits: probabilities.map((_, index) => over(runs.map((run) => run.waits[index] ?? 0))),
    responses: probabilities.map((_, index) => over(runs.map((run) => run.responses[index] ?? 0))),
    meanWait: over(runs.map((run) => run.meanWait)),
    probabilityWait: over(runs.map((run) => run.probabilityWait)),
    jobs: jobs * replications,
  };
}

function over(values: readonly number[]): SimulatedFigure {
  const { mean, variance } = momentsOf(values);
  const half = studentTQuantile(0.975, values.length - 1) * Math.sqrt(variance / values.length);
  return { estimate: mean, low: Math.max(0, mean - half), high: mean + half };
}

const replications = 10;
const leastJobs = 200_000;
const mostJobs = 500_000;
