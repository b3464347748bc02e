import { setTimeout as sleep } from 'node:timers/promises';
import { type HistogramIncrease, histogramIn, histogramsOf } from '../analysis/metrics/histogram-series.ts';
import { decodePrometheusPages } from '../analysis/metrics/prometheus-pages.ts';
import type { Reading } from '../analysis/metrics/reading.ts';
import { exactWaits } from '../analysis/sizing/waits/exact-waits.ts';
import { simulatedWaits } from '../analysis/sizing/waits/simulated-waits.ts';
import { sizeServers } from '../analysis/sizing/waits/size-servers.ts';
import { type WaitObjective, type WaitingLoad, busyServers, isMarkov } from '../analysis/sizing/waits/waiting-load.ts';
import type { Waits } from '../analysis/sizing/waits/waits.ts';
import { generatorJob, holds } from '../fixtures/generator-job.ts';
import { GeneratorProcess } from '../fixtures/generator-process.ts';
import { type Database, openDatabase } from '../fixtures/services/embedded-postgres.ts';
import { buildGroupBuy } from '../fixtures/services/group-buy-service.ts';
import { startGroupBuy } from '../fixtures/services/start-group-buy.ts';
import { type Milliseconds, epochMilliseconds, milliseconds, percent, perSecond, seconds } from '../model/units.ts';
import type { Bench, Benchmark, Figure } from './benchmark.ts';

/*
 * How long acquisitions of a pool wait, predicted before they are measured: hold times from a pool so large that nobody
 * waits, then pools of other sizes at other rates, with the service's own histogram of waits beside the prediction.
 */
const rate = 500;
const rateShares = [0.8, 1, 1.2] as const;
const sizeShares = [0.5, 0.75, 1, 1.25, 2] as const;
const plenty = 64;
const knobs = { DB_HOLD: '10ms', DB_HOLD_DISTRIBUTION: 'exponential', BLOCK_PROFILE_RATE: '0' };
const objective: WaitObjective = { limit: milliseconds(5), share: percent(1) };
/** Looked at beside the objective's own limit, ms; the nearest bounds of the service's histogram are taken. */
const tails = [2, 5, 10] as const;
/** Mean waits below this are made of scheduling, not of waiting for a connection. */
const leastMean = milliseconds(0.1);
const meanWithin = 0.15;
const tailWithin = 1.5;
const leastTail = 1e-3;
/** So near to saturation a line does not settle within the length of a cell. */
const settles = 0.97;

export const poolHeldOut: Benchmark = {
  name: 'pool-held-out',
  about: `waits for a connection at ${rate}/s held 10 ms, predicted and then measured at pools and rates that were not`,
  minutes: 90,
  run: async (bench) => {
    const database = await openDatabase({ say: console.error, processors: bench.theirs });
    try {
      const place: Place = { bench, database, binary: await buildGroupBuy(console.error) };
      const rates = rateShares.map((share) => share * rate);
      const alone = await cellsOf(place, plenty, rates, bench.quick ? 5000 : 30_000);
      const loads = alone.map(({ hold }, index) => loadOf(rates[index] ?? Number.NaN, hold));
      const [, usual] = loads;
      if (usual === undefined) throw new RangeError('no load');
      const recommended = recommendedFor(usual);
      const sizes = [
        ...new Set([...sizeShares.map((share) => Math.round(share * recommended)), recommended - 1]),
      ].toSorted((one, other) => one - other);
      const figures: Figure[] = [shown(usual, recommended)];
      for (const size of sizes) {
        const settling = loads.filter((load) => busyServers(load) < settles * size);
        const measured = await cellsOf(
          place,
          size,
          settling.map(({ arrivalRate }) => arrivalRate),
          bench.quick ? 5000 : 150_000,
        );
        for (const [index, load] of settling.entries()) {
          const cell = measured[index];
          if (cell === undefined) throw new Error('a cell is missing');
          figures.push(...compared(load, size, cell, { recommended, isUsual: load === usual }));
        }
        for (const load of loads)
          if (!settling.includes(load))
            figures.push({
              what: cellName(load, size),
              asked: 'shown',
              measured: `no steady state: ${busyServers(load).toFixed(2)} connections would be busy; not measured`,
              pass: null,
            });
      }
      return figures;
    } finally {
      await database.stop();
    }
  },
};

interface Place {
  readonly bench: Bench;
  readonly database: Database;
  readonly binary: string;
}

/** What the service counted at one size and rate. */
interface Cell {
  readonly wait: Counted;
  readonly hold: Counted;
}

interface Counted extends Pick<HistogramIncrease, 'upperBounds' | 'counts' | 'total'> {
  /** Seconds. */
  readonly sum: number;
  /** Share of the time in which the machine stood still. */
  readonly leftOut: number;
}

/** One process of the service with so many connections, at one rate after the other. */
async function cellsOf(
  { bench, database, binary }: Place,
  size: number,
  rates: readonly number[],
  acquisitions: number,
): Promise<readonly Cell[]> {
  const wishes = { binary, database, downstreamUrl: null, knobs: { ...knobs, DB_POOL: String(size) } };
  const service = await startGroupBuy(wishes, bench.theirs);
  try {
    const cells: Cell[] = [];
    for (const each of rates) {
      const loadProfile = holds('poisson', [each, settling + acquisitions / each]);
      const job = generatorJob({
        url: service.url,
        path: '/orders/1',
        loadProfile,
        seed: size,
        // Requests wait in the service, for its pool, and not in the generator for a connection to it.
        connections: { count: 400 },
      });
      const load = new GeneratorProcess(job, { processors: bench.ours });
      await load.begin();
      await sleep(seconds(settling));
      const ended = load.exit.then(() => true);
      const readings: Reading[] = [];
      do readings.push(await scraped(service.url));
      while (!(await Promise.race([ended, sleep(seconds(1), false)])));
      const { books } = load;
      const lost = books.due - books.outcomes.done;
      if (lost > 0) throw new Error(`${lost} of ${books.due} requests were not done`);
      cells.push({
        wait: increaseOf(readings, 'db_acquire_wait_seconds', bench),
        hold: increaseOf(readings, 'db_hold_seconds', bench),
      });
    }
    return cells;
  } finally {
    await service.stop();
  }
}

/** Seconds before counting begins: idle connections are opened, the line gets as long as it will be. */
const settling = 5;

async function scraped(url: string): Promise<Reading> {
  const at = epochMilliseconds(Date.now());
  const response = await fetch(`${url}/metrics`);
  return { at, body: await response.text(), contentType: response.headers.get('content-type') };
}

/** Between readings, without those in between which the machine stood still: everybody waits then, for nothing that a pool has. */
function increaseOf(readings: readonly Reading[], name: string, bench: Bench): Counted {
  const { series = [] } = decodePrometheusPages('service', readings);
  const [histogram] = histogramsOf(series, name);
  if (histogram === undefined) throw new Error(`the service has no ${name}`);
  let left = 0;
  const quiet = readings.slice(1).flatMap(({ at: to }, index) => {
    const from = readings[index]?.at ?? to;
    const increase = histogramIn(histogram, { from, to });
    if (increase === null) return [];
    if (bench.stalls(from, to).length === 0) return [increase];
    left++;
    return [];
  });
  const [first] = quiet;
  if (first === undefined) throw new Error('the machine stood still all the while');
  return {
    upperBounds: first.upperBounds,
    counts: first.counts.map((_, index) => quiet.reduce((sum, { counts }) => sum + (counts[index] ?? 0), 0)),
    total: quiet.reduce((sum, { total }) => sum + total, 0),
    sum: quiet.reduce((so, { sum }) => so + (sum ?? Number.NaN), 0),
    leftOut: left / (readings.length - 1),
  };
}

/** Mean as counted, cv from the buckets, each value taken for the middle of its own. */
function loadOf(arrivals: number, { sum, total, counts, upperBounds }: Counted): WaitingLoad {
  const mean = sum / total;
  const square = counts.reduce((so, count, index) => {
    const [low, high] = [upperBounds[index - 1] ?? 0, upperBounds[index] ?? Infinity];
    return so + count * (Number.isFinite(high) ? (low + high) / 2 : low) ** 2;
  }, 0);
  return {
    arrivalRate: perSecond(arrivals),
    serviceTime: seconds(mean),
    serviceCv: Number((Math.sqrt(Math.max(0, square / total - mean ** 2)) / mean).toFixed(3)),
    arrivalCv: 1,
    order: 'random',
  };
}

function recommendedFor(load: WaitingLoad): number {
  const sizing = sizeServers({ load, lightest: load, heaviest: load, objective, atMost: null, atLeast: 1, seed: 1 });
  if (sizing.status === 'refused') throw new Error(`no size is recommended: ${sizing.reason}`);
  return sizing.servers;
}

const jobs = 60_000;
const predicted = (load: WaitingLoad, size: number, limit: Milliseconds): Waits =>
  isMarkov(load)
    ? exactWaits(load, size, { ...objective, limit })
    : simulatedWaits(load, size, { ...objective, limit }, jobs, 1);

const shown = (load: WaitingLoad, recommended: number): Figure => ({
  what: `hold time at ${load.arrivalRate}/s with ${plenty} connections, of which nobody waits for one`,
  asked: 'shown',
  measured: `${load.serviceTime.toFixed(2)} ms, cv ${load.serviceCv}: ${recommended} connections recommended for ${100 * objective.share} % over ${objective.limit} ms`,
  pass: null,
});

const cellName = ({ arrivalRate }: WaitingLoad, size: number): string => `${size} connections, ${arrivalRate}/s`;

function compared(
  load: WaitingLoad,
  size: number,
  { wait, hold }: Cell,
  { recommended, isUsual }: { readonly recommended: number; readonly isUsual: boolean },
): Figure[] {
  const what = cellName(load, size);
  const mean = milliseconds(seconds(wait.sum / wait.total));
  const expected = predicted(load, size, objective.limit).meanWait?.estimate ?? Number.NaN;
  const held = seconds(hold.sum / hold.total);
  const figures: Figure[] = [
    {
      what: `${what}: mean wait`,
      asked: `within ${100 * meanWithin} %`,
      measured: `${(mean / expected).toFixed(3)} (${expected.toPrecision(3)} ms predicted, ${mean.toPrecision(3)} measured of ${wait.total}, held ${held.toFixed(2)} ms; the machine stood still in ${(100 * wait.leftOut).toFixed(0)} % of the seconds, left out)`,
      pass: expected < leastMean ? null : Math.abs(mean / expected - 1) <= meanWithin,
    },
  ];
  for (const tail of tails) {
    const limit = nearestBound(wait, tail);
    const over = shareOver(wait, limit);
    const share = predicted(load, size, milliseconds(limit)).probabilityOver.estimate;
    const ratio = over / share;
    figures.push({
      what: `${what}: P(wait > ${limit.toFixed(2)} ms)`,
      asked: `within a factor ${tailWithin} above ${leastTail}`,
      measured: `${ratio.toFixed(2)} (${share.toPrecision(2)} predicted, ${over.toPrecision(2)} measured)`,
      pass: Math.max(share, over) <= leastTail ? null : ratio <= tailWithin && ratio >= 1 / tailWithin,
    });
    if (tail === objective.limit && isUsual && (size === recommended || size === recommended - 1))
      figures.push({
        what: size === recommended ? 'the recommended size meets the objective' : 'the next smaller does not',
        asked: `${size === recommended ? '≤' : '>'} ${objective.share}`,
        measured: over.toPrecision(2),
        pass: over <= objective.share === (size === recommended),
      });
  }
  return figures;
}

/** ms */
function nearestBound({ upperBounds }: Counted, wanted: number): number {
  const bounds = upperBounds.filter(Number.isFinite).map((bound): number => seconds(bound));
  return bounds.reduce((best, bound) => (Math.abs(bound - wanted) < Math.abs(best - wanted) ? bound : best), Infinity);
}

function shareOver({ upperBounds, counts, total }: Counted, limit: number): number {
  const over = counts.reduce(
    (sum, count, index) => (seconds(upperBounds[index] ?? Infinity) > limit ? sum + count : sum),
    0,
  );
  return over / total;
}
