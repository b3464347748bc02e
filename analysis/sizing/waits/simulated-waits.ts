import { seededRandom, streamSeed } from '../../../model/random.ts';
import { milliseconds, ratio } from '../../../model/units.ts';
import type { Distribution } from '../../models/queueing/distribution.ts';
import { plainQueue, simulateQueue } from '../../models/queueing/simulate-queue.ts';
import { batchProportion } from '../../statistics/batch-proportion.ts';
import { momentsOf } from '../../statistics/moments.ts';
import { studentTQuantile } from '../../statistics/student-t.ts';
import { type WaitObjective, type WaitingLoad, busyServers } from './waiting-load.ts';
import { type WaitFigure, type Waits, waitProbabilities } from './waits.ts';

/** Independent runs; their spread gives the intervals. */
export const simulatedRuns = 10;

/**
 * Waits of G/G/c in the order of the load, for which there is no formula: independent simulated runs from empty, the
 * first quarter of each left out. Intervals (95 %): Student's t over the runs, and for shares `batchProportion` with a run
 * as a batch. Service times are lognormal and gaps gamma: see `familyOf`.
 *
 * Where runs of bearable length are too short against the time in which the line forgets, the result is not `settled`:
 * it started from empty, so its waits are rather too short.
 *
 * @param leastJobs in one run
 */
export function simulatedWaits(
  load: WaitingLoad,
  servers: number,
  { limit }: WaitObjective,
  leastJobs: number,
  seed: number,
): Waits {
  const offered = busyServers(load);
  const utilization = offered / servers;
  const forgets = Math.max(relaxation(load, utilization), offered);
  const jobs = Math.ceil(Math.max(leastJobs, Math.min(forgets * wantedRelaxations, mostJobs)));
  const duration = milliseconds((jobs / offered) * load.serviceTime);
  const queue = {
    ...plainQueue,
    servers,
    serviceTime: load.serviceTime,
    service: familyOf(load.serviceCv, 'lognormal'),
    arrivals: familyOf(load.arrivalCv, 'gamma'),
    order: load.order,
  };
  const runs = Array.from({ length: simulatedRuns }, (_, run) => {
    const waited: number[] = [];
    let arrived = 0;
    let over = 0;
    let total = 0;
    simulateQueue(queue, { rate: load.arrivalRate, duration }, seededRandom(streamSeed(seed, run)), (due, start) => {
      if (due < duration / 4) return;
      const wait = start - due;
      arrived++;
      if (wait <= 0) return;
      if (wait > limit) over++;
      waited.push(wait);
      total += wait;
    });
    const sorted = Float64Array.from(waited).toSorted();
    return {
      arrived,
      waiting: waited.length,
      over,
      meanWait: total / arrived,
      quantiles: waitProbabilities.map((probability) => {
        const place = Math.ceil(probability * arrived) - 1 - (arrived - waited.length);
        return place < 0 ? 0 : (sorted[place] ?? 0);
      }),
    };
  });
  const share = (hits: (run: (typeof runs)[number]) => number): WaitFigure =>
    batchProportion(
      runs.map((run) => ({ hits: hits(run), trials: run.arrived })),
      0.95,
    ) ?? { estimate: 0, low: 0, high: 1 };
  return {
    servers,
    utilization: ratio(utilization),
    probabilityWait: share(({ waiting }) => waiting),
    meanWait: meanOver(runs.map(({ meanWait }) => meanWait)),
    quantiles: waitProbabilities.map((_, index) => meanOver(runs.map(({ quantiles }) => quantiles[index] ?? 0))),
    probabilityOver: share(({ over }) => over),
    settled: jobs >= forgets * leastRelaxations,
  };
}

/**
 * Mean and cv don't fix a distribution, so this is an assumption that has to be said: exponential at 1, constant at 0,
 * and otherwise the named family.
 */
export function familyOf(cv: number, otherwise: 'lognormal' | 'gamma'): Distribution {
  if (cv === 1) return { kind: 'exponential' };
  return cv === 0 ? { kind: 'constant' } : { kind: otherwise, cv };
}

/** Arrivals in one relaxation time of the line, 1 / (cμ (1 − √ρ)²), longer where gaps and services scatter more. */
function relaxation({ arrivalCv, serviceCv }: WaitingLoad, utilization: number): number {
  return (Math.max(1, (arrivalCv ** 2 + serviceCv ** 2) / 2) * utilization) / (1 - Math.sqrt(utilization)) ** 2;
}

/** Relaxation times in a run, of which a quarter is left out. */
const wantedRelaxations = 16;
const leastRelaxations = 10;
/** In one run, for the sake of those who wait for the answer. */
export const mostJobs = 200_000;

function meanOver(values: readonly number[]): WaitFigure {
  const { mean, variance } = momentsOf(values);
  const half = studentTQuantile(0.975, values.length - 1) * Math.sqrt(variance / values.length);
  return { estimate: mean, low: Math.max(0, mean - half), high: mean + half };
}
