import { seededRandom, streamSeed } from '../../../model/random.ts';
import { ratio, seconds } from '../../../model/units.ts';
import type { Distribution } from '../../models/queueing/distribution.ts';
import { DrawnArrivals } from '../../models/queueing/drawn-arrivals.ts';
import { waitsInLine } from '../../models/queueing/waits-in-line.ts';
import { batchProportion } from '../../statistics/batch-proportion.ts';
import { momentsOf } from '../../statistics/moments.ts';
import { sortedValueAt } from '../../statistics/sorted-value-at.ts';
import { studentTQuantile } from '../../statistics/student-t.ts';
import { type WaitObjective, type WaitingLoad, busyServers } from './waiting-load.ts';
import { type WaitFigure, type Waits, waitProbabilities } from './waits.ts';

/** Independent runs; their spread gives the intervals. */
export const simulatedRuns = 10;

/** Of a load that is still asked about, for the last seed. */
const drawn = new WeakMap<WaitingLoad, { readonly seed: number; readonly runs: readonly DrawnArrivals[] }>();

/** The same arrivals for every number of servers: what two numbers differ by is theirs, and they are drawn once. */
function arrivalsOf(load: WaitingLoad, seed: number): readonly DrawnArrivals[] {
  const known = drawn.get(load);
  if (known?.seed === seed) return known.runs;
  const process = {
    meanGap: seconds(1) / load.arrivalRate,
    gaps: familyOf(load.arrivalCv, 'gamma'),
    meanHold: load.serviceTime,
    holds: familyOf(load.serviceCv, 'lognormal'),
  };
  const runs = Array.from(
    { length: simulatedRuns },
    (_, run) => new DrawnArrivals(process, seededRandom(streamSeed(seed, run))),
  );
  drawn.set(load, { seed, runs });
  return runs;
}

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
  const runs = arrivalsOf(load, seed).map((arrivals, run) => {
    const order = seededRandom(streamSeed(seed, simulatedRuns + run));
    const waits = waitsInLine(arrivals.first(jobs), servers, load.order, order).subarray(Math.floor(jobs / 4));
    let [waiting, over, total] = [0, 0, 0];
    for (const wait of waits) {
      if (wait > 0) waiting++;
      if (wait > limit) over++;
      total += wait;
    }
    return {
      arrived: waits.length,
      waiting,
      over,
      meanWait: total / waits.length,
      quantiles: waitProbabilities.map((probability) =>
        sortedValueAt(waits, Math.ceil(probability * waits.length) - 1),
      ),
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
function familyOf(cv: number, otherwise: 'lognormal' | 'gamma'): Distribution {
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
