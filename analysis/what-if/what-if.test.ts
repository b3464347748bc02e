import test from 'ava';
import { type StageDescription, buildRunRecord } from '../../fixtures/records/build-run-record.ts';
import { seededRandom } from '../../model/random.ts';
import type { RunRecord } from '../../model/run-record.ts';
import { mebibytes, milliseconds, perSecond, seconds } from '../../model/units.ts';
import { type SimulatedQueue, plainQueue, simulateQueue } from '../models/queueing/simulate-queue.ts';
import { comparePrediction } from './compare-prediction.ts';
import { whatIf } from './what-if.ts';
import type { WhatIfChange } from './what-if-change.ts';

/** A service whose truth is known: a queue, and time beside it that nobody waits for. */
interface KnownService {
  readonly queue: SimulatedQueue;
  /** Of each request, ms. */
  readonly besideMs: number;
  readonly processors: number | null;
}

/** A record of a run against it: in each second response times of that second. */
function runOf(service: KnownService, rates: readonly number[], lasting: number, seed: number): RunRecord {
  const processors = service.processors;
  return buildRunRecord({
    arrivals: 'poisson',
    seed,
    stages: rates.map((rate, index) => {
      const responses: number[][] = [];
      simulateQueue(
        service.queue,
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
        ...(processors === null ? {} : { target: { cpuMsPerRequest: service.queue.serviceTime } }),
      };
    }),
    ...(processors === null ? {} : { target: { gomaxprocs: processors }, host: { processors } }),
  });
}

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
    processors: null,
    uses: [0.1, 0.25, 0.4, 0.5],
    seeds: [1],
    predicted: 1,
  },
  'four processors that are measured': {
    queue: { ...plainQueue, servers: 4, serviceTime: milliseconds(4), service: { kind: 'lognormal', cv: 1 } },
    besideMs: 3,
    processors: 4,
    uses: [0.15, 0.4, 0.55, 0.68],
    seeds: [1],
    predicted: 1,
  },
};

for (const [name, service] of Object.entries(services))
  test(`held out, 1.25 times the highest measured rate: predicted truly, or refused: ${name}`, (t) => {
    let predicted = 0;
    for (const seed of service.seeds) {
      const rates = service.uses.map((use) =>
        Math.round((use * service.queue.servers * seconds(1)) / service.queue.serviceTime),
      );
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

test('what the run never showed is refused, each reason named', (t) => {
  const record = buildRunRecord({
    stages: [200, 400, 800].map((rate) => ({ rate, seconds: 10, target: { cpuMsPerRequest: 1 } })),
  });
  const refusedBy = (more: Partial<WhatIfChange>): string => whatIf(record, change(more), 1).refused ?? '';
  t.regex(refusedBy({ ratePerSecond: 1001 }), /beyond 1\.25 times the highest measured rate, 800\/s/);
  t.regex(refusedBy({ ratePerSecond: 50 }), /far below the lowest measured rate, 200\/s/);
  t.regex(refusedBy({ ratePerSecond: 800, replicas: 8 }), /100\/s per instance is far below/);
  t.regex(refusedBy({ gogc: '400' }), /--gogc: the run had one setting \(100\)/);
  t.regex(refusedBy({ memoryBytes: mebibytes(512) }), /--memory: the run had one limit \(none\)/);
  t.regex(refusedBy({ downstreamSlower: 2 }), /--downstream-slower/);
  t.regex(refusedBy({ mix: { 'GET /': 0.5, other: 0.5 } }), /--mix: one run with one mix/);
  t.regex(refusedBy({ pool: 20 }), /--pool: the run shows no pool/);
  t.regex(refusedBy({ cpus: 8 }), /--cpus: the run had 4; 8 is beyond 1\.25 times that/);
  t.regex(refusedBy({ gogc: '50', cpus: 16, ratePerSecond: 2000 }), /beyond 1\.25[^]*--gogc[^]*--cpus/);
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
