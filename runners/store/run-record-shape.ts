import { z } from 'zod';
import { collectorNames } from '../../model/measurements.ts';
import type { Captured, Scrape, TrafficMeasurement } from '../../model/measurements.ts';
import { type RunRecord, abortCodes, runRecordFormat } from '../../model/run-record.ts';
import { bytes, epochMilliseconds, milliseconds } from '../../model/units.ts';
import { planShape, profileKind, profileLabel } from './plan-shape.ts';

/** The record without what is in files of its own: cells, counts, health and steps of the traffic, and the scrapes. */
export type RunSummary = Omit<RunRecord, 'traffic' | 'scrapes'> & { readonly traffic: Captured<TrafficHeader> };
export type TrafficHeader = Omit<TrafficMeasurement, 'cells' | 'counts' | 'health' | 'steps'>;

const whole = z.int().nonnegative();
const instant = z.number().transform(epochMilliseconds);
const duration = z.number().transform(milliseconds);
const size = z.number().nonnegative().transform(bytes);
const unknownText = z.string().nullable();
const unknownNumber = z.number().nullable();

function capturedShape<T extends z.ZodType>(value: T) {
  return z.discriminatedUnion('status', [
    z.object({ status: z.literal('captured'), value }),
    z.object({ status: z.literal('not-collected'), reason: z.string() }),
    z.object({ status: z.literal('failed'), reason: z.string() }),
  ]);
}

const phase = z.enum(['target', 'prepare', 'generator', 'load', 'store']);
const outcome = z.discriminatedUnion('status', [
  z.object({ status: z.literal('completed') }),
  z.object({ status: z.literal('aborted'), phase, reason: z.string(), code: z.enum(abortCodes) }),
  z.object({ status: z.literal('failed'), phase, reason: z.string(), hint: z.string() }),
]);

const host = z.object({
  platform: z.string(),
  kernel: z.string(),
  cpuModel: z.string(),
  processors: whole,
  memoryBytes: size,
  cpuLimit: unknownNumber,
  memoryLimitBytes: size.nullable(),
  sysctls: z.record(z.string(), z.string()),
});

const target = z.object({
  url: unknownText,
  processId: whole.nullable(),
  goVersion: unknownText,
  buildId: unknownText,
  modulePath: unknownText,
  gomaxprocs: whole.nullable(),
  gogc: unknownText,
  gomemlimit: unknownText,
  command: z.array(z.string()).nullable(),
  processorSet: unknownText,
  cpuLimit: unknownNumber,
  memoryLimitBytes: size.nullable(),
  notes: z.array(z.string()),
});

/** Where profiles are, and nothing outside the folder. */
export const profileFile = z.string().regex(/^profiles\/[A-Za-z0-9][A-Za-z0-9._-]*\.pb\.gz$/);

const profile = z.object({
  source: unknownText.default(null),
  stage: whole.nullable(),
  label: profileLabel,
  kind: profileKind,
  startedAt: instant,
  durationMs: duration,
  cumulative: z.boolean(),
  content: capturedShape(z.object({ file: profileFile, bytes: size })),
});

const trafficHeader = z.object({
  engine: z.object({ name: z.string(), version: z.string(), build: z.string().nullable() }),
  startedAt: instant,
  endedAt: instant,
  complete: z.boolean(),
});

export const summaryShape = z.object({
  formatVersion: z.literal(runRecordFormat),
  id: z.string(),
  plimsollVersion: z.string(),
  plan: planShape,
  environment: z.object({ host, target, tools: z.record(z.string(), z.string()) }),
  startedAt: instant,
  endedAt: instant,
  outcome,
  readinessRequests: whole,
  prepareRequests: whole,
  traffic: capturedShape(trafficHeader),
  collectors: z.array(
    z.object({
      collector: z.enum([...collectorNames, 'pprof']),
      source: z.string(),
      status: capturedShape(z.object({ readings: whole, failures: whole })),
      totalMs: duration,
      totalBytes: size,
    }),
  ),
  profiles: z.array(profile),
});

const scrapeShape = z.object({
  collector: z.enum(collectorNames),
  source: z.string(),
  at: instant,
  durationMs: duration,
  bytes: size,
  contentType: unknownText,
  body: unknownText,
  error: unknownText,
});

/** Both with the compiler's word that the shape is the model's. @throws z.ZodError */
export const decodeSummary = (data: unknown): RunSummary => summaryShape.parse(data);
export const decodeScrape = (data: unknown): Scrape => scrapeShape.parse(data);
