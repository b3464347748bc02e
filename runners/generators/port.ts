import { z } from 'zod';
import {
  type GeneratorHealth,
  type StepCell,
  type TrafficCell,
  type TrafficCount,
  failureKinds,
  stepKinds,
} from '../../model/measurements.ts';
import type { EngineName, Plan } from '../../model/plan.ts';
import { bytes, epochMilliseconds, milliseconds } from '../../model/units.ts';

/**
 * The port: what any load generator does, and the line protocol it speaks. A generator is a child process that is given
 * one job file and writes JSON lines: `ready` (connections open, own code warm), then after the conductor's `start`
 * `started`, one `second` per second, `failed` at most once, `finished` last. All counts and histograms are additive:
 * what became known in the last second, keyed by the second of the due time, so a late answer makes a further cell
 * for an old second. This file is the protocol's only definition. It grows by keys that earlier engines leave out.
 */
export const protocolVersion = 1;

/** The job file, JSON, mode 0600. Secrets are not in it: `env:NAME` values are read from the child's environment. */
export interface GeneratorJob {
  readonly protocol: typeof protocolVersion;
  readonly runId: string;
  readonly plan: Plan;
  /** Origin of the workload, known now. */
  readonly url: string;
  /** Absolute path of the bundled `requests` module or k6 script; null for declarative endpoints. */
  readonly requestsFile: string | null;
  /** Absolute path of a JSON file (0600) with what `prepare` gave; null without. */
  readonly preparedFile: string | null;
}

/** One JSON line on the child's standard input. `stop`: no new requests, wait for answers up to the grace, finish. */
export type GeneratorCommand = { readonly kind: 'start' } | { readonly kind: 'stop'; readonly reason: string };

export interface GeneratorSecond {
  readonly kind: 'second';
  /** Second of the clock since the start that this line closes. */
  readonly second: number;
  readonly counts: readonly TrafficCount[];
  readonly cells: readonly TrafficCell[];
  readonly health: GeneratorHealth;
  /** Of k6 scripts. */
  readonly steps?: readonly StepCell[] | undefined;
  /** What the user should know now of the script that runs, each once: an exception with its place. */
  readonly remarks?: readonly string[] | undefined;
}

export type GeneratorLine =
  | {
      readonly kind: 'ready';
      readonly protocol: number;
      readonly engine: { readonly name: EngineName; readonly version: string; readonly build: string | null };
      readonly processId: number;
      /** What the warm-up of its own code and its self-test measured, for the record. */
      readonly selfTest: Readonly<Record<string, number>>;
    }
  | { readonly kind: 'started'; readonly startedAt: number }
  | GeneratorSecond
  /** Something of the generator itself broke (not of the target). It ends after this. */
  | { readonly kind: 'failed'; readonly reason: string; readonly hint: string }
  | { readonly kind: 'finished'; readonly endedAt: number; readonly reason: 'completed' | 'stopped' };

const count = z.number().int().nonnegative();
const duration = z.number().nonnegative().transform(milliseconds);
const histogram = z.string().nullable();

const cell = z.object({
  second: count,
  stage: count,
  endpoint: z.string(),
  outcome: z.enum(['done', 'failed', 'shed', 'dropped', 'in-flight']),
  failure: z.enum(failureKinds).nullable(),
  count,
  // Absent in lines of earlier generators, and where it says nothing (see TrafficCell).
  statuses: z
    .record(z.string().regex(/^([1-9]\d\d|[A-Z][A-Z_\d]+)$/), count)
    .nullable()
    .default(null),
  responseTime: histogram,
  serviceTime: histogram,
});
const step = z.object({
  second: count,
  stage: count,
  kind: z.enum(stepKinds),
  name: z.string(),
  outcome: z.enum(['done', 'failed', 'shed', 'in-flight']),
  failure: z.enum(failureKinds).nullable(),
  count,
  statuses: z.record(z.string(), count).nullable(),
  serviceTime: histogram,
});
const trafficCount = z.object({ second: count, stage: count, endpoint: z.string(), due: count, sent: count });
const health = z.object({
  second: count,
  stage: count,
  cpuMs: duration,
  lateness: histogram,
  connectionWait: histogram,
  waitedForConnection: count,
  queueLengthMax: count,
  inFlightMax: count,
  connectionsOpen: count,
  connectsTotal: count,
  stallMaxMs: duration,
  rssBytes: z.number().nonnegative().transform(bytes),
});
export const secondLine = z.object({
  kind: z.literal('second'),
  second: count,
  counts: z.array(trafficCount),
  cells: z.array(cell),
  health,
  // Absent but for k6 scripts.
  steps: z.array(step).optional(),
  remarks: z.array(z.string()).optional(),
});
const line = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('ready'),
    protocol: z.number(),
    engine: z.object({ name: z.enum(['autocannon', 'k6']), version: z.string(), build: z.string().nullable() }),
    processId: count,
    selfTest: z.record(z.string(), z.number()),
  }),
  z.object({ kind: z.literal('started'), startedAt: z.number().transform(epochMilliseconds) }),
  secondLine,
  z.object({ kind: z.literal('failed'), reason: z.string(), hint: z.string() }),
  z.object({
    kind: z.literal('finished'),
    endedAt: z.number().transform(epochMilliseconds),
    reason: z.enum(['completed', 'stopped']),
  }),
]);

/** @throws Error where the text is no line of the protocol; foreign keys are ignored. */
export function decodeGeneratorLine(text: string): GeneratorLine {
  return line.parse(JSON.parse(text));
}

/** How an engine is started: everything the conductor needs to spawn it. */
export interface LoadGenerator {
  readonly name: EngineName;
  /** Program, arguments and environment for a job file; the lines come on standard output. */
  command(jobFile: string): {
    readonly file: string;
    readonly args: readonly string[];
    readonly environment: Readonly<Record<string, string>>;
    /** Where it works; that of plimsoll where not given. */
    readonly directory?: string;
  };
}
