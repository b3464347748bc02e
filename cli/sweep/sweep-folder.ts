import { z } from 'zod';
import type { ObservedStage, SweepRun } from '../../model/sweep-figures.ts';
import type { OpenSeries, SavedSeries, SeriesKind } from '../../runners/store/series-folder.ts';
import type { SweepOptions } from './sweep-options.ts';

const texts = z.record(z.string(), z.string());

const optionsShape = z.object({
  design: z.enum(['grid', 'adaptive']),
  factors: z.array(
    z.object({ name: z.string(), kind: z.enum(['environment', 'setting']), values: z.array(z.string()) }),
  ),
  repeats: z.int().positive(),
  seed: z.int().nonnegative(),
  settings: texts,
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

const runShape: z.ZodType<SweepRun> = z.object({
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
