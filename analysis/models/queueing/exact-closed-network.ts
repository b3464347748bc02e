import { perSecond, seconds } from '../../../model/units.ts';
import type { ClosedNetwork, NetworkFigures } from './network.ts';
import { type PopulationGrid, populationGrid } from './population-grid.ts';
import { classFigures } from './station-figures.ts';

/**
 * Closed network of delays and stations with one or more servers, one or more classes: exact for the product form
 * (exponential service of one mean for all classes where jobs are served in order, any service where a station shares
 * itself among them).
 *
 * The textbook's mean value analysis with several servers takes p(0) = 1 − Σ p(j), which turns negative (throughput
 * −155/s at 100 jobs on 32 servers). Here the normalising constants themselves are summed up by convolution, logarithms
 * in place of numbers: every term is positive, so nothing cancels, and no population overflows. A station with m
 * servers is a sum over at most m jobs and, beyond, a recursion of one step, so a population costs m terms, not N.
 *
 * Sources: Buzen, Communications of the ACM 16 (1973); Reiser and Kobayashi, IBM Journal 19 (1975); why mean value
 * analysis fails: Reiser, Performance Evaluation 1 (1981). Tested against published examples and exact fractions
 * (fixtures/reference/queueing.json).
 *
 * @param network positive populations, demands that are not negative; see `closedNetworkCost`
 */
export function exactClosedNetwork({ stations, classes }: ClosedNetwork): NetworkFigures {
  const grid = populationGrid(classes.map(({ population }) => population));
  // In units of the slowest station's time per job, constants stay of one size at saturation and keep their digits.
  const unit = Math.max(
    ...stations.flatMap(({ servers }, station) =>
      classes.map(({ demands }) => (demands[station]?.demand ?? 0) / (servers === 'delay' ? Infinity : servers)),
    ),
  );
  const scale = unit > 0 ? unit : 1;
  const demandAt = (station: number): number[] => classes.map(({ demands }) => (demands[station]?.demand ?? 0) / scale);
  const queues = stations.flatMap(({ servers }, index) =>
    servers === 'delay' ? [] : [weightsOf(grid, demandAt(index), servers, index)],
  );
  const pauses = classes.map(({ thinkTime }, place) =>
    stations.reduce(
      (sum, { servers }, index) => sum + (servers === 'delay' ? (demandAt(index)[place] ?? 0) : 0),
      thinkTime / scale,
    ),
  );
  const delay = delayWeights(grid, pauses);
  const all = queues.reduce((before, queue) => convolve(grid, before, queue), delay);
  const full = grid.size - 1;
  const throughputs = grid.strides.map((stride) => Math.exp((all[full - stride] ?? 0) - (all[full] ?? 0)));
  const jobs = new Map(
    queues.map((queue) => {
      const others = queues
        .filter((other) => other !== queue)
        .reduce((before, other) => convolve(grid, before, other), delay);
      return [queue.station, meanJobs(grid, queue, others, all[full] ?? 0)];
    }),
  );
  return {
    classes: classes.map((each, place) => {
      const throughput = (throughputs[place] ?? 0) / scale;
      const there = stations.map(
        (_, station) => jobs.get(station)?.[place] ?? throughput * (each.demands[station]?.demand ?? 0),
      );
      return classFigures(each, stations, perSecond(throughput * seconds(1)), there);
    }),
    method: 'exact: product form, normalising constants by convolution of logarithms',
  };
}

/** How many terms `exactClosedNetwork` sums up; above `largestCost` it takes more than about a second. */
export function closedNetworkCost({ stations, classes }: ClosedNetwork): number {
  const states = classes.reduce((product, { population }) => product * (population + 1), 1);
  const queues = stations.flatMap(({ servers }) => (servers === 'delay' ? [] : [servers]));
  const jobs = classes.reduce((sum, { population }) => sum + population, 0);
  const terms = queues.reduce(
    (sum, servers) => sum + Math.min(states, layers(Math.min(servers, jobs), classes.length)),
    0,
  );
  return states * (terms * queues.length + classes.length);
}

export const largestCost = 5e7;

/** Populations of so many classes with at most so many jobs: (jobs + classes over classes). */
function layers(jobs: number, classes: number): number {
  let count = 1;
  for (let place = 1; place <= classes; place++) count *= (jobs + place) / place;
  return count;
}

interface QueueWeights {
  readonly station: number;
  readonly servers: number;
  /** ln of the weight of each population at this station. */
  readonly logs: Float64Array;
  /** ln of a further job's weight where all servers are busy, by class. */
  readonly steps: readonly number[];
  /** Populations with fewer jobs than servers, and with exactly as many. */
  readonly below: Int32Array;
  readonly full: Int32Array;
}

function weightsOf(grid: PopulationGrid, demands: readonly number[], servers: number, station: number): QueueWeights {
  const largest = grid.total[grid.size - 1] ?? 0;
  const factorials = logSums(largest, (count) => Math.log(count));
  const rates = logSums(largest, (count) => Math.log(Math.min(count, servers)));
  const logs = new Float64Array(grid.size);
  const below: number[] = [];
  const full: number[] = [];
  for (let index = 0; index < grid.size; index++) {
    const total = grid.total[index] ?? 0;
    let log = (factorials[total] ?? 0) - (rates[total] ?? 0);
    for (const [place, demand] of demands.entries()) {
      const count = grid.jobs[place]?.[index] ?? 0;
      if (count > 0) log += count * Math.log(demand) - (factorials[count] ?? 0);
    }
    logs[index] = log;
    if (log === -Infinity) continue;
    if (total < servers) below.push(index);
    else if (total === servers) full.push(index);
  }
  return {
    station,
    servers,
    logs,
    steps: demands.map((demand) => Math.log(demand / servers)),
    below: Int32Array.from(below),
    full: Int32Array.from(full),
  };
}

/** Partial sums of f(1) + f(2) + …, the first of them 0. */
function logSums(last: number, term: (count: number) => number): Float64Array {
  const sums = new Float64Array(last + 1);
  for (let count = 1; count <= last; count++) sums[count] = (sums[count - 1] ?? 0) + term(count);
  return sums;
}

function delayWeights(grid: PopulationGrid, pauses: readonly number[]): Float64Array {
  const factorials = logSums(grid.total[grid.size - 1] ?? 0, (count) => Math.log(count));
  return Float64Array.from({ length: grid.size }, (_, index) => {
    let log = 0;
    for (const [place, pause] of pauses.entries()) {
      const count = grid.jobs[place]?.[index] ?? 0;
      if (count > 0) log += count * Math.log(pause) - (factorials[count] ?? 0);
    }
    return log;
  });
}

/**
 * Σ weights(j) · before(n − j) for every population n: over the few j below the number of servers, and over the rest at
 * once, since there a further job of class r multiplies a weight by demand(r) / servers, summed over the classes.
 */
function convolve(grid: PopulationGrid, before: Float64Array, queue: QueueWeights): Float64Array {
  const result = new Float64Array(grid.size);
  const rest = new Float64Array(grid.size);
  const sum = new LogSum();
  for (let index = 0; index < grid.size; index++) {
    sum.clear();
    addShifted(sum, grid, before, queue.logs, queue.full, index);
    for (const [place, step] of queue.steps.entries())
      if ((grid.jobs[place]?.[index] ?? 0) > 0) sum.add(step + (rest[index - (grid.strides[place] ?? 0)] ?? 0));
    rest[index] = sum.value;
    addShifted(sum, grid, before, queue.logs, queue.below, index);
    result[index] = sum.value;
  }
  return result;
}

function addShifted(
  sum: LogSum,
  grid: PopulationGrid,
  before: Float64Array,
  logs: Float64Array,
  shifts: Int32Array,
  index: number,
): void {
  for (const shift of shifts) {
    if (shift > index) break;
    if (fits(grid, shift, index)) sum.add((logs[shift] ?? 0) + (before[index - shift] ?? 0));
  }
}

function fits(grid: PopulationGrid, part: number, whole: number): boolean {
  if (grid.jobs.length === 1) return part <= whole;
  for (const counts of grid.jobs) if ((counts[part] ?? 0) > (counts[whole] ?? 0)) return false;
  return true;
}

/** Mean number of jobs of each class at one station: Σ j · weights(j) · others(N − j) / all(N). */
function meanJobs(grid: PopulationGrid, queue: QueueWeights, others: Float64Array, all: number): number[] {
  const means = grid.jobs.map(() => 0);
  const last = grid.size - 1;
  for (let index = 0; index <= last; index++) {
    const share = Math.exp((queue.logs[index] ?? 0) + (others[last - index] ?? 0) - all);
    if (share > 0)
      for (const [place, counts] of grid.jobs.entries())
        means[place] = (means[place] ?? 0) + share * (counts[index] ?? 0);
  }
  return means;
}

/** ln Σ exp(x), the largest x kept outside so that nothing overflows; −∞ for no term. */
class LogSum {
  #largest = -Infinity;
  #scaled = 0;

  clear(): void {
    this.#largest = -Infinity;
    this.#scaled = 0;
  }

  add(log: number): void {
    if (log === -Infinity) return;
    if (log <= this.#largest) this.#scaled += Math.exp(log - this.#largest);
    else {
      this.#scaled = this.#scaled * Math.exp(this.#largest - log) + 1;
      this.#largest = log;
    }
  }

  get value(): number {
    return this.#scaled === 0 ? -Infinity : this.#largest + Math.log(this.#scaled);
  }
}
