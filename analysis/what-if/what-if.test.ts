import { setImmediate as turn } from 'node:timers/promises';
import test from 'ava';
import { type StageDescription, buildRunRecord } from '../../fixtures/records/build-run-record.ts';
import type { TargetDescription } from '../../fixtures/records/target-text.ts';
import { seededRandom } from '../../model/random.ts';
import type { RunRecord } from '../../model/run-record.ts';
import { eventsIn, mebibytes, milliseconds, perSecond, seconds } from '../../model/units.ts';
import { mmc } from '../models/queueing/mmc.ts';
import { type SimulatedQueue, plainQueue, simulateQueue } from '../models/queueing/simulate-queue.ts';
import { comparePrediction } from './compare-prediction.ts';
import { whatIf } from './what-if.ts';
import type { WhatIfChange } from './what-if-change.ts';

/*
 * Simulations take seconds, and between two of them what is known by then has to be told: hence one after the other.
 */

/** A service whose truth is known: a queue, and time beside it that nobody waits for. */
interface KnownService {
  readonly queue: SimulatedQueue;
  /** Of each request, ms. */
  readonly besideMs: number;
  /** As what it shows its servers. */
  readonly shows: 'processors' | 'pool' | 'nothing';
  /** What it shows beside that, at a rate. */
  readonly beside?: (rate: number) => TargetDescription;
}

/** A record of a run against it: in each second response times of that second. */
function runOf(service: KnownService, rates: readonly number[], lasting: number, seed: number): RunRecord {
  const { queue, shows, beside } = service;
  const { servers, serviceTime } = queue;
  const shown = (rate: number): TargetDescription | null =>
    shows === 'processors'
      ? { cpuMsPerRequest: serviceTime }
      : shows === 'pool'
        ? { pool: poolOf(servers, eventsIn(perSecond(rate), serviceTime)) }
        : null;
  return buildRunRecord({
    arrivals: 'poisson',
    seed,
    stages: rates.map((rate, index) => {
      const responses: number[][] = [];
      simulateQueue(
        queue,
        { rate: perSecond(rate), duration: seconds(lasting) },
        seededRandom(seed + 7 * index),
        (due, _, end) => (responses[Math.floor(due / seconds(1))] ??= []).push(end - due + service.besideMs),
      );
      return {
        rate,
        seconds: lasting,
        settling: 5,
        // Any of that second: by their ends they would come the longer the later.
        latencyMs: (random, second) => {
          const there = responses[second] ?? [1];
          return there[random.below(there.length)] ?? 1;
        },
        ...(shown(rate) === null ? {} : { target: { ...shown(rate), ...beside?.(rate) } }),
      };
    }),
    ...(shows === 'processors' ? { target: { gomaxprocs: servers }, host: { processors: servers } } : {}),
  });
}

const poolOf = (maxOpen: number, inUse: number): NonNullable<TargetDescription['pool']> => ({
  maxOpen,
  inUse,
  waitsPerSecond: 0,
  waitMsPerRequest: 0,
});

/** Rates at which the servers are so busy. */
const ratesAt = ({ servers, serviceTime }: SimulatedQueue, uses: readonly number[]): readonly number[] =>
  uses.map((use) => Math.round((use * servers * seconds(1)) / serviceTime));

const change = (more: Partial<WhatIfChange>): WhatIfChange => ({
  ratePerSecond: null,
  replicas: null,
  pool: null,
  cpus: null,
  gogc: null,
  memoryBytes: null,
  mix: null,
  downstreamSlower: null,
  ...more,
});

interface HeldOut extends KnownService {
  /** Use of the servers at the measured stages. */
  readonly uses: readonly number[];
  readonly seeds: readonly number[];
  /** At least so many of them are predicted, not refused. */
  readonly predicted: number;
}

const services: Readonly<Record<string, HeldOut>> = {
  'one server, exponential, and a constant time beside it': {
    queue: { ...plainQueue, servers: 1, serviceTime: milliseconds(2) },
    besideMs: 5,
    shows: 'nothing',
    uses: [0.1, 0.25, 0.4, 0.5],
    seeds: [4],
    predicted: 1,
  },
  'four processors that are measured': {
    queue: { ...plainQueue, servers: 4, serviceTime: milliseconds(4), service: { kind: 'lognormal', cv: 1 } },
    besideMs: 3,
    shows: 'processors',
    uses: [0.15, 0.4, 0.55, 0.68],
    seeds: [1],
    predicted: 1,
  },
  'a pool that hands connections on in random order': {
    queue: { ...plainQueue, servers: 8, serviceTime: milliseconds(12), order: 'random' },
    besideMs: 0,
    shows: 'pool',
    uses: [0.15, 0.35, 0.5, 0.62],
    seeds: [1],
    predicted: 1,
  },
};

for (const [name, service] of Object.entries(services))
  test.serial(`held out, 1.25 times the highest measured rate: predicted truly, or refused: ${name}`, async (t) => {
    await turn();
    let predicted = 0;
    for (const seed of service.seeds) {
      const rates = ratesAt(service.queue, service.uses);
      const rate = 1.25 * (rates.at(-1) ?? 0);
      const answer = whatIf(runOf(service, rates, 60, seed), change({ ratePerSecond: rate }), seed);
      if (answer.predictions === null) {
        t.log(`seed ${seed}: refused, ${answer.refused}`);
        continue;
      }
      predicted++;
      const truth = comparePrediction(answer.predictions, runOf(service, [rate], 240, seed + 100));
      const { mean, '0.99': p99 } = truth.responseTimeMs ?? {};
      t.log(`seed ${seed}: observed / predicted, mean ${mean?.ratio}, p99 ${p99?.ratio}`);
      t.true(truth.agrees, `seed ${seed}`);
    }
    t.true(predicted >= service.predicted, 'it does not refuse always');
  });

interface ChangedSize {
  readonly measured: KnownService;
  readonly change: Partial<WhatIfChange>;
  /** Servers after the change. */
  readonly servers: number;
}

const four: SimulatedQueue = { ...plainQueue, servers: 4, serviceTime: milliseconds(4) };
const eight: SimulatedQueue = { ...plainQueue, servers: 8, serviceTime: milliseconds(12), order: 'random' };
const even = { service: { kind: 'lognormal', cv: 0.5 } } as const;
const uses = [0.15, 0.4, 0.55, 0.7];

/** Queues with a closed form (M/M/c, for a pool in the random order of database/sql), and others without one. */
const changedSizes: Readonly<Record<string, ChangedSize>> = {
  'five processors instead of four': {
    measured: { queue: four, besideMs: 0, shows: 'processors' },
    change: { cpus: 5 },
    servers: 5,
  },
  'a pool of seven instead of eight': {
    measured: { queue: eight, besideMs: 0, shows: 'pool' },
    change: { pool: 7 },
    servers: 7,
  },
  'a pool of nine at a rate that was not measured, held for nearly as long each time': {
    measured: { queue: { ...eight, ...even }, besideMs: 2, shows: 'pool' },
    change: { pool: 9, ratePerSecond: 560 },
    servers: 9,
  },
};

for (const [name, { measured, change: asked, servers }] of Object.entries(changedSizes))
  test.serial(`another size, predicted and true: ${name}`, async (t) => {
    await turn();
    const rates = ratesAt(measured.queue, uses);
    const rate = asked.ratePerSecond ?? rates.at(-1) ?? 0;
    const record = runOf(measured, rates, 60, 3);
    const answer = whatIf(record, change(asked), 3);
    const { predictions } = answer;
    if (predictions === null) {
      t.fail(`refused: ${answer.refused}`);
      return;
    }
    t.is(answer.model?.servers, servers);
    const queue = { ...measured.queue, servers };
    const truth = comparePrediction(predictions, runOf({ ...measured, queue }, [rate], 240, 103));
    t.true(truth.agrees, JSON.stringify(truth.responseTimeMs));
    // As it was before, it would not agree: so the change is what was predicted.
    t.false(comparePrediction(predictions, runOf(measured, [rate], 240, 103)).agrees);

    if (queue.service.kind !== 'exponential') return;
    const load = { servers, arrivalRate: perSecond(rate), serviceTime: queue.serviceTime };
    const exact = mmc(load);
    const mean = predictions.responseTimeMs?.mean.estimate ?? 0;
    t.true(Math.abs(mean / exact.meanResponse - 1) < 0.1, `mean ${mean}, exactly ${exact.meanResponse}`);
    const { low, high } = predictions.headroomShare;
    t.true(low - 0.03 <= 1 - exact.utilization && 1 - exact.utilization <= high + 0.03, `${low} to ${high}`);
    if (queue.order !== 'fifo') return;
    const p99 = predictions.responseTimeMs?.['0.99'].estimate ?? 0;
    const exactly = exact.responseQuantile(0.99);
    t.true(Math.abs(p99 / exactly - 1) < 0.2, `p99 ${p99}, exactly ${exactly}`);
  });

const wide = (rate: number): TargetDescription => ({ pool: poolOf(40, eventsIn(perSecond(rate), milliseconds(3))) });

test.serial('a pool that nobody waits for, before and after, changes nothing', async (t) => {
  await turn();
  const service: KnownService = { queue: four, besideMs: 0, shows: 'processors', beside: wide };
  const record = runOf(service, ratesAt(four, uses), 60, 5);
  const asked = { ratePerSecond: ratesAt(four, [0.75])[0] ?? 0 };
  const [before, after] = [asked, { ...asked, pool: 30 }].map((more) => whatIf(record, change(more), 5));
  t.not(before?.predictions ?? null, null, before?.refused ?? '');
  t.deepEqual(after?.predictions?.responseTimeMs, before?.predictions?.responseTimeMs);
});

const inPool: KnownService = { queue: eight, besideMs: 0, shows: 'pool' };
const narrow = (rate: number): TargetDescription => ({ pool: poolOf(6, eventsIn(perSecond(rate), milliseconds(6.4))) });

const recordOf = (service: KnownService): RunRecord => runOf(service, ratesAt(service.queue, uses), 40, 7);
const refusedBy = (record: RunRecord, more: Partial<WhatIfChange>): string =>
  whatIf(record, change(more), 7).refused ?? '';

test.serial('another size is refused where the run does not show what it does, with the reason', async (t) => {
  await turn();
  const pool = recordOf(inPool);
  t.regex(refusedBy(pool, { pool: 5 }), /--pool: 5 connections cannot carry it: 5\.6 would be in use all the time/);
  const farther = ratesAt(eight, [0.85])[0] ?? 0;
  t.regex(
    refusedBy(pool, { pool: 11, ratePerSecond: farther }),
    /--pool: the database was not measured with more than 8 connections at once/,
  );
  const idle = recordOf({ ...inPool, beside: () => ({ cpuMsPerRequest: 0.2 }) });
  t.regex(refusedBy(idle, { cpus: 5 }), /--cpus: processors are not what requests queue for/);
  const processors = recordOf({ queue: four, besideMs: 0, shows: 'processors', beside: narrow });
  t.regex(refusedBy(processors, { pool: 5 }), /--pool: connections are not what requests queue for/);
  t.regex(refusedBy(processors, { cpus: 3 }), /--cpus: the run had 4; 3 is beyond 1\.25 times that/);
});

test('what the run never showed is refused, each reason named', (t) => {
  const record = buildRunRecord({
    stages: [200, 400, 800].map((rate) => ({ rate, seconds: 10, target: { cpuMsPerRequest: 1 } })),
  });
  t.regex(refusedBy(record, { ratePerSecond: 1001 }), /beyond 1\.25 times the highest measured rate, 800\/s/);
  t.regex(refusedBy(record, { ratePerSecond: 50 }), /far below the lowest measured rate, 200\/s/);
  t.regex(refusedBy(record, { ratePerSecond: 800, replicas: 8 }), /100\/s per instance is far below/);
  t.regex(refusedBy(record, { gogc: '400' }), /--gogc: the run had one setting \(100\)/);
  t.regex(refusedBy(record, { memoryBytes: mebibytes(512) }), /--memory: the run had one limit \(none\)/);
  t.regex(refusedBy(record, { downstreamSlower: 2 }), /--downstream-slower/);
  t.regex(refusedBy(record, { mix: { 'GET /': 0.5, other: 0.5 } }), /--mix: one run with one mix/);
  t.regex(refusedBy(record, { pool: 20 }), /--pool: the run shows no pool/);
  t.regex(refusedBy(record, { cpus: 8 }), /--cpus: the run had 4; 8 is beyond 1\.25 times that/);
  t.regex(refusedBy(record, { gogc: '50', cpus: 16, ratePerSecond: 2000 }), /beyond 1\.25[^]*--gogc[^]*--cpus/);
});

const refused = (stages: readonly StageDescription[]): string =>
  whatIf(buildRunRecord({ stages }), change({ ratePerSecond: 220 }), 1).refused ?? '';

test('stages that no queue can be fitted to', (t) => {
  t.regex(refused([{ rate: 100, seconds: 10 }]), /needs two or more hold stages/);
  t.regex(
    refused([
      { rate: 300, seconds: 10 },
      { rate: 400, seconds: 10, failures: { timeout: 0.2 } },
    ]),
    /of 2 valid holds 1 will do/,
  );
  // Faster at the higher rate: no queue does that.
  t.regex(
    refused([
      { rate: 100, seconds: 30, latencyMs: (random) => 20 + random.exponential() },
      { rate: 200, seconds: 30, latencyMs: (random) => 5 + random.exponential() },
    ]),
    /no queue reproduces the measured stages/,
  );
});
