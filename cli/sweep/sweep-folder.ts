import { z } from 'zod';
import type { CollectorObservation } from '../../analysis/models/garbage-collector/collector-observation.ts';
import type { PoolReading } from '../../model/pool-decision.ts';
import type { ObservedStage } from '../../model/sweep-figures.ts';
import type { SweepRun } from '../../analysis/sweep/sweep-run.ts';
import { bytes, milliseconds, perSecond } from '../../model/units.ts';
import type { OpenSeries, SavedSeries, SeriesKind } from '../../runners/store/series-folder.ts';
import type { SweepOptions } from './sweep-options.ts';

/** JSON has no infinity, which is no limit and GOGC=off. */
const orInfinity = z
  .number()
  .nullable()
  .transform((value) => value ?? Infinity);
const size = z.number().transform(bytes);
const sizeOrNull = size.nullable();
const time = z.number().transform(milliseconds);
const rate = z.number().transform(perSecond);

const texts = z.record(z.string(), z.string());

const optionsShape = z.object({
  factors: z.array(
    z.object({ name: z.string(), kind: z.enum(['environment', 'setting']), values: z.array(z.string()) }),
  ),
  repeats: z.int().positive(),
  seed: z.int().nonnegative(),
  settings: texts,
  verify: z.boolean(),
  adaptive: z
    .object({
      order: z.object({
        factor: z.string(),
        least: z.int().positive(),
        most: z.int().positive(),
        start: z.int().positive(),
        repeats: z.int().positive(),
        objective: z.discriminatedUnion('kind', [
          z.object({ kind: z.literal('mean-wait'), limit: time }),
          z.object({ kind: z.literal('wait-over'), limit: time, share: z.number() }),
        ]),
      }),
      watched: z.object({ name: z.string().nullable(), limit: time, perRequest: z.number().nullable() }),
    })
    .nullable(),
});

const estimate = z
  .object({
    estimate: z.number(),
    low: z.number().nullable(),
    high: z.number().nullable(),
    confidence: z.number().nullable(),
    method: z.string(),
  })
  .nullable();
const quantiles = z.object({ '0.5': estimate, '0.9': estimate, '0.99': estimate, '0.999': estimate });

const observed: z.ZodType<ObservedStage> = z.object({
  offeredPerSecond: estimate,
  completedPerSecond: estimate,
  errorShare: estimate,
  cpuCores: estimate,
  cpuMsPerRequest: estimate,
  throttledShare: estimate,
  allocBytesPerRequest: estimate,
  gcCpuShare: estimate,
  gcCyclesPerSecond: estimate,
  liveHeapBytes: estimate,
  heapGoalBytes: estimate,
  rssPeakBytes: estimate,
  goroutines: estimate,
  index: z.int().nonnegative(),
  name: z.string(),
  load: z.number(),
  runs: z.int().positive(),
  objectives: z.object({ met: z.int(), missed: z.int(), undecided: z.int() }).nullable(),
  responseTimeMs: quantiles,
  pools: z.array(
    z.object({
      name: z.string(),
      maxOpen: z.number().nullable(),
      inUse: estimate,
      waitCountPerSecond: estimate,
      waitMsPerRequest: estimate,
      holdMs: estimate,
    }),
  ),
  warnings: z.array(z.string()),
});

/** Null where the pool's metrics do not tell. */
const interval = z.object({ estimate: z.number(), low: z.number(), high: orInfinity }).nullable();

const poolShape: z.ZodType<PoolReading> = z.object({
  offered: rate.nullable(),
  throughput: z.object({ estimate: z.number(), low: z.number(), high: orInfinity }),
  hold: interval,
  wait: interval,
  waiting: interval,
  waitOver: interval,
  inUse: interval,
  errors: z.number(),
  latency: time.nullable(),
});

const collectorShape: z.ZodType<CollectorObservation> = z.object({
  run: z.string(),
  stage: z.int().nonnegative(),
  name: z.string(),
  source: z.enum(['runtime-metrics', 'memstats', 'gctrace']),
  settings: z.object({ gogcPercent: orInfinity, memoryLimitBytes: orInfinity, processors: z.number() }),
  requestsPerSecond: rate,
  durationMs: time,
  cycles: z.number(),
  cyclesPerSecond: rate,
  allocatedPerSecond: z.number(),
  cpuMsPerCycle: time.nullable(),
  assistShare: z.number().nullable(),
  liveHeap: z.object({ mean: size, p95: size }),
  liveHeapGrowthPerHour: z.number().nullable(),
  heapGoalBytes: size,
  rootsBytes: size,
  scannedBytes: sizeOrNull,
  memoryFrom: z.enum(['runtime', 'resident']),
  nonHeapBytes: sizeOrNull,
  peakRuntimeBytes: sizeOrNull,
  nonGoBytes: sizeOrNull,
});

const runShape: z.ZodType<SweepRun> = z.object({
  purpose: z.enum(['cell', 'verification']),
  settings: texts,
  repeat: z.int().positive(),
  run: z.string(),
  outcome: z.object({ status: z.enum(['completed', 'aborted', 'failed']), reason: z.string() }),
  stages: z.array(
    z.object({
      validity: z.object({ status: z.enum(['valid', 'invalid']), reasons: z.array(z.string()) }),
      observed,
    }),
  ),
  collector: z.array(collectorShape),
  pool: poolShape.nullable(),
  environment: z.record(z.string(), z.string().nullable()),
});

/** A sweep on disk: `sweep.json`, `cells.jsonl` with a line for each run of a cell, and the runs' folders. */
export const sweepSeries: SeriesKind<SweepOptions, SweepRun> = {
  word: 'sweep',
  linesFile: 'cells.jsonl',
  options: optionsShape,
  line: runShape,
};
export type SavedSweep = SavedSeries<SweepOptions, SweepRun>;
export type SweepFolder = OpenSeries<SweepOptions, SweepRun>;
