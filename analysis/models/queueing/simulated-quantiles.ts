import { seededRandom, streamSeed } from '../../../model/random.ts';
import { milliseconds, rateOf } from '../../../model/units.ts';
import { momentsOf } from '../../statistics/moments.ts';
import { quantile } from '../../statistics/quantile.ts';
import { studentTQuantile } from '../../statistics/student-t.ts';
import { type GeneralLoad, ggc } from './ggc.ts';
import { type SimulatedQueue, plainQueue, simulateQueue } from './simulate-queue.ts';

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
  const duration = milliseconds((jobs / offeredErlangs) * serviceTime);
  const queue: SimulatedQueue = {
    ...plainQueue,
    servers,
    serviceTime,
    service: serviceCv === 0 ? { kind: 'constant' } : { kind: 'lognormal', cv: serviceCv },
    arrivals:
      arrivalCv === 0
        ? { kind: 'constant' }
        : arrivalCv === 1
          ? { kind: 'exponential' }
          : { kind: 'gamma', cv: arrivalCv },
  };
  const runs = Array.from({ length: replications }, (_, run) => {
    const waits: number[] = [];
    const responses: number[] = [];
    simulateQueue(
      queue,
      { rate: rateOf(offeredErlangs, serviceTime), duration },
      seededRandom(streamSeed(seed, run)),
      (due, start, end) => {
        if (due < duration / 4) return;
        waits.push(start - due);
        responses.push(end - due);
      },
    );
    const waiting = waits.filter((wait) => wait > 0).length;
    // Sorted once: `quantile` sorts again, which costs next to nothing then.
    const [sortedWaits, sortedResponses] = [rising(waits), rising(responses)];
    return {
      waits: probabilities.map((probability) => quantile(sortedWaits, probability) ?? 0),
      responses: probabilities.map((probability) => quantile(sortedResponses, probability) ?? 0),
      meanWait: momentsOf(waits).mean,
      probabilityWait: waiting / waits.length,
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

const rising = (values: readonly number[]): readonly number[] => Array.from(Float64Array.from(values).toSorted());

function over(values: readonly number[]): SimulatedFigure {
  const { mean, variance } = momentsOf(values);
  const half = studentTQuantile(0.975, values.length - 1) * Math.sqrt(variance / values.length);
  return { estimate: mean, low: Math.max(0, mean - half), high: mean + half };
}

const replications = 10;
const leastJobs = 100_000;
const mostJobs = 500_000;
