import { milliseconds, perSecond as rate, seconds } from '../../model/units.ts';
import { ggc } from '../models/queueing/ggc.ts';
import { momentsOf } from '../statistics/moments.ts';
import type { MeasuredLevel, MeasuredLoad } from './measured-load.ts';
import {
  type DrawnRequests,
  type SimulatedLoad,
  type Station,
  drawRequests,
  heldShape,
  saturationOf,
  shapeOf,
  simulateStation,
} from './station.ts';

export interface PlausibleStation extends Station {
  /** Sum of squared differences to the stages, each in its own error. */
  readonly misfit: number;
}

export interface PlausibleStations {
  /** Best first; never empty. */
  readonly stations: readonly PlausibleStation[];
  /** Response times of the lowest stage, in ms: what simulations draw from. */
  readonly shape: readonly number[];
  /** Whether they are those that the processors or a pool say of themselves. */
  readonly explained: boolean;
}

/**
 * All stations that reproduce the mean and p99 of every stage within what their measurement leaves open. The two
 * unknowns, servers and their use at the highest stage, are gone through on a grid that is refined around the best, each
 * simulated at the stages' rates with the shape that the lowest stage had. A figure differs in units of its error, an
 * allowance for model and simulation included. Kept are those whose sum of squares is within the 95 % quantile of χ²(2)
 * of the best's, times the best's own misfit per degree of freedom.
 *
 * What else is known bounds the saturation: the processors' use, and a stage that the service did not keep up with. Where
 * a queue is among those kept that the processors or a pool say of themselves, number and holding time, it is the one:
 * measured evidence goes before a curve that other queues could draw, too.
 *
 * @returns the reason where even the best contradicts the stages
 */
export function plausibleStations(load: MeasuredLoad, seed: number): PlausibleStations | { readonly refused: string } {
  const { levels } = load;
  const [lowest] = levels;
  const highest = levels.at(-1);
  if (lowest === undefined || highest === undefined) throw new RangeError('a load without levels');
  const shape = shapeOf(lowest.counts);
  const drawn = drawRequests(requests, load.arrivals, shape.length, seed);
  const judged = levels.length <= mostLevels ? levels : [lowest, ...levels.slice(1 - mostLevels)];
  const limits = saturationLimits(load, highest);
  const tried: PlausibleStation[] = [];
  let best = Infinity;
  const judge: Judge = (servers, heldMs, beside, order = 'fifo') => {
    const saturation = saturationOf({ servers, heldMs });
    if (saturation < limits.low || saturation > limits.high) return;
    const given = { servers, heldMs, beside, order };
    if (!worthSimulating(given, lowest, highest, load.arrivals, shape)) return;
    const seen = misfitOf(given, judged, shape, drawn, abandonedAt * (best + keptWithin));
    if (seen === null) return;
    best = Math.min(best, seen.misfit);
    tried.push(seen);
  };
  const measured = measuredStations(highest, load.poolOrders);
  for (const { servers, heldMs, orders } of measured)
    for (const order of orders)
      for (const beside of besides)
        for (const share of [1, 1 / measuredTo, measuredTo]) judge(servers, share * heldMs, beside, order);
  const numbers = serverNumbers(highest, lowest);
  for (const beside of besides) {
    for (const servers of numbers)
      for (const use of usesOf(servers, highest, lowest))
        judge(servers, (use * servers * seconds(1)) / highest.perSecond, beside);
    for (const servers of numbers) refine(servers, beside, tried, () => best, judge);
  }
  const free = Math.max(1, 2 * judged.length - fitted);
  const dispersion = Math.max(1, best / free);
  if (!(dispersion <= mostDispersion))
    return {
      refused:
        'no queue reproduces the measured stages: something else than waiting grows with the load, or a stage was disturbed',
    };
  const kept = tried
    .filter(({ misfit }) => misfit <= best + keptWithin * dispersion)
    .toSorted((left, right) => left.misfit - right.misfit);
  const explained = kept.filter((station) => measured.some((one) => isMeasured(station, one)));
  return { stations: explained.length > 0 ? explained : kept, shape, explained: explained.length > 0 };
}

type Judge = (servers: number, heldMs: number, beside: Station['beside'], order?: Station['order']) => void;
const besides = ['proportional', 'constant'] as const;

type MeasuredStation = Pick<Station, 'servers' | 'heldMs'> & { readonly orders: readonly Station['order'][] };

/** What processors and pools say of themselves at the highest stage: how many, and how long a request holds one. */
function measuredStations(
  { perSecond, target }: MeasuredLevel,
  poolOrders: MeasuredLoad['poolOrders'],
): readonly MeasuredStation[] {
  const { cpuCores = null, cpuCoresAvailable = null, pools = [] } = target ?? {};
  const pooled = pools.map((pool) => ({ ...pool, orders: poolOrders.get(pool.name) ?? [] }));
  return [{ maxOpen: cpuCoresAvailable, inUse: cpuCores, orders: ['fifo'] as const }, ...pooled].flatMap(
    ({ maxOpen, inUse, orders }) =>
      maxOpen === null || inUse === null || !Number.isInteger(maxOpen) || maxOpen < 1 || inUse <= 0
        ? []
        : [{ servers: maxOpen, heldMs: (inUse * seconds(1)) / perSecond, orders }],
  );
}

/** Factor within which the use of processors and pools is known. */
const measuredTo = 1.02;

const isMeasured = (station: Station, measured: MeasuredStation): boolean =>
  station.servers === measured.servers &&
  measured.orders.includes(station.order) &&
  Math.abs(Math.log(station.heldMs / measured.heldMs)) <= Math.log(measuredTo) * (1 + rounding);

const rounding = 1e-6;

/** 95 % quantile of χ² with two degrees of freedom. */
const keptWithin = 5.99;
const abandonedAt = 3;
const mostDispersion = 3;
const mostLevels = 6;
/** Servers, their use, and the time alone. */
const fitted = 3;
const requests = 60_000;
/** Allowed for the model and the simulation, of mean and p99. */
const allowance = { mean: 0.004, p99: 0.025 } as const;

/**
 * Whether the growth of the mean from the lowest to the highest stage is anywhere near what Allen and Cunneen's
 * approximation says of this queue: simulating the others would only take time.
 */
function worthSimulating(
  station: Omit<Station, 'aloneMs'>,
  lowest: MeasuredLevel,
  highest: MeasuredLevel,
  arrivals: MeasuredLoad['arrivals'],
  shape: readonly number[],
): boolean {
  const held = heldShape({ ...station, aloneMs: Math.min(lowest.mean.value, station.heldMs + (shape[0] ?? 0)) }, shape);
  if (held === null) return false;
  const { mean, variance } = momentsOf(held);
  const wait = ({ perSecond }: MeasuredLevel): number =>
    ggc(
      {
        servers: station.servers,
        serviceTime: milliseconds(station.heldMs),
        arrivalRate: rate(perSecond),
        arrivalCv: arrivals === 'even' ? 0 : 1,
        serviceCv: Math.sqrt(variance) / mean,
      },
      'allen-cunneen',
    ).meanWait;
  const growth = highest.mean.value - lowest.mean.value;
  const expected = wait(highest) - wait(lowest);
  const slight = slightGrowth * lowest.mean.value;
  return growth <= roughly * expected + slight && growth >= expected / roughly - slight;
}

/** How far off the approximation may be, and a growth of the mean that may be chance. */
const roughly = 3;
const slightGrowth = 0.02;

/**
 * A queue with its misfit; the time alone is that which suits the means of all stages best. Null where the misfit is
 * above `most`, or a request would hold a server for longer than it lasts.
 */
function misfitOf(
  given: Omit<Station, 'aloneMs'>,
  levels: readonly MeasuredLevel[],
  shape: readonly number[],
  drawn: DrawnRequests,
  most: number,
): PlausibleStation | null {
  const [lowest] = levels;
  if (lowest === undefined) return null;
  const { heldMs } = given;
  const simulate = (level: MeasuredLevel, station: Station): SimulatedLoad =>
    simulateStation(station, { perSecond: level.perSecond, shape, drawn }, [p99]);
  // What the lowest stage waited for is no part of the time alone; for a constant time beside, not even of the shape.
  const fastest = given.beside === 'constant' ? (shape[0] ?? 0) : Infinity;
  const first = { ...given, aloneMs: Math.min(lowest.mean.value, heldMs + fastest) };
  const station = { ...first, aloneMs: lowest.mean.value - simulate(lowest, first).meanWait };
  if (station.aloneMs < heldMs * (1 - slightest) || heldShape(station, shape) === null) return null;
  const simulated = levels.map((level) => simulate(level, station));
  const weights = levels.map(({ mean }) => 1 / errorOf(mean, allowance.mean) ** 2);
  const aloneMs =
    levels.reduce(
      (sum, { mean }, index) => sum + (weights[index] ?? 0) * (mean.value - (simulated[index]?.meanWait ?? 0)),
      0,
    ) / weights.reduce((sum, weight) => sum + weight, 0);
  let misfit = 0;
  for (const [index, { mean, p99: tail }] of levels.entries()) {
    const seen = simulated[index];
    if (seen === undefined) return null;
    const [quantile = Number.NaN] = seen.quantiles;
    const shapeError = index === 0 ? 0 : lowest.p99.relativeError;
    misfit +=
      ((aloneMs + seen.meanWait - mean.value) / errorOf(mean, allowance.mean)) ** 2 +
      ((quantile - tail.value) / Math.hypot(errorOf(tail, allowance.p99), shapeError * tail.value)) ** 2;
    if (!(misfit <= most)) return null;
  }
  const found = { ...station, aloneMs: Math.max(aloneMs, heldMs), misfit };
  return aloneMs < heldMs * (1 - slightest) || heldShape(found, shape) === null ? null : found;
}

const p99 = 0.99;
/** By so much a request may hold a server for longer than it lasts: both are estimates. */
const slightest = 0.01;

const errorOf = ({ value, relativeError }: MeasuredLevel['mean'], allowed: number): number =>
  value * Math.hypot(relativeError, allowed);

/** Halves the steps of the holding time around the best for this number of servers. */
function refine(
  servers: number,
  beside: Station['beside'],
  tried: readonly PlausibleStation[],
  best: () => number,
  judge: Judge,
): void {
  for (let round = 0; round < refinements; round++) {
    const here = tried
      .filter((station) => station.servers === servers && station.beside === beside)
      .toSorted((left, right) => left.heldMs - right.heldMs);
    const at = here.reduce(
      (least, { misfit }, index) => (misfit < (here[least]?.misfit ?? Infinity) ? index : least),
      0,
    );
    const middle = here[at];
    if (middle === undefined || middle.misfit > best() + abandonedAt * keptWithin) return;
    for (const next of [here[at - 1], here[at + 1]])
      if (next !== undefined) judge(servers, (middle.heldMs + next.heldMs) / 2, beside);
  }
}

const refinements = 4;

/** More servers than this many times the requests there at once are never waited for. */
const plenty = 4;
const someServers = [1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 32, 48, 64, 96, 128, 192, 256];

/** Usual numbers, those of processors and pools, and one that nobody waits for. */
function serverNumbers(highest: MeasuredLevel, lowest: MeasuredLevel): readonly number[] {
  const atOnce = (highest.perSecond * lowest.mean.value) / seconds(1);
  const { cpuCoresAvailable = null, pools = [] } = highest.target ?? {};
  const named = [cpuCoresAvailable, ...pools.map(({ maxOpen }) => maxOpen)].filter(
    (count) => count !== null && Number.isInteger(count) && count >= 1,
  );
  const most = Math.max(1, Math.ceil(plenty * atOnce));
  const numbers = [...someServers, ...named.filter((count) => count !== null)].filter((count) => count <= most);
  return [...new Set([...numbers, most])].toSorted((left, right) => left - right);
}

const someUses = [0.02, 0.1, 0.2, 0.3, 0.4, 0.48, 0.54, 0.6, 0.65, 0.7, 0.74, 0.78, 0.82, 0.86, 0.9, 0.93, 0.96, 0.985];

/** Uses of the servers at the highest stage, up to the one at which the station is all there is. */
function usesOf(servers: number, highest: MeasuredLevel, lowest: MeasuredLevel): readonly number[] {
  const all = (highest.perSecond * lowest.mean.value) / (servers * seconds(1));
  return [...someUses.filter((use) => use < all), ...[0.94, 0.97, 1].map((share) => share * all)]
    .filter((use) => use <= Math.max(...someUses))
    .toSorted((left, right) => left - right);
}

/** What is known of the saturation besides the response times. */
function saturationLimits(
  { saturated }: MeasuredLoad,
  { perSecond, target }: MeasuredLevel,
): { readonly low: number; readonly high: number } {
  const { cpuCores = null, cpuCoresAvailable = null } = target ?? {};
  const processors =
    cpuCores === null || cpuCoresAvailable === null || cpuCores === 0
      ? Infinity
      : (slack * perSecond * cpuCoresAvailable) / cpuCores;
  return {
    low: Math.max(perSecond, saturated === null ? 0 : saturated.completedPerSecond / slack),
    high: Math.min(processors, saturated === null ? Infinity : slack * saturated.perSecond),
  };
}

/** Rates of saturation are known to this. */
const slack = 1.05;
