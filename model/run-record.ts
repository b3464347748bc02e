import type { Plan } from './plan.ts';
import type { Captured, CollectorSummary, ProfileCapture, Scrape, TrafficMeasurement } from './measurements.ts';
import type { Bytes, EpochMilliseconds } from './units.ts';

export const runRecordFormat = 1;

/** Everything that is known of one run; written also when the run failed. docs/run-record.md describes it on disk. */
export interface RunRecord {
  readonly formatVersion: typeof runRecordFormat;
  /** `20261121-091300-<name>-<4 hex>`; the folder's name. */
  readonly id: string;
  readonly plimsollVersion: string;
  readonly plan: Plan;
  readonly environment: Environment;
  readonly startedAt: EpochMilliseconds;
  readonly endedAt: EpochMilliseconds;
  readonly outcome: RunOutcome;
  /** Requests outside stages, counted so that the target's own count can be reconciled. */
  readonly readinessRequests: number;
  readonly prepareRequests: number;
  readonly traffic: Captured<TrafficMeasurement>;
  readonly scrapes: readonly Scrape[];
  readonly collectors: readonly CollectorSummary[];
  readonly profiles: readonly ProfileCapture[];
}

export type RunPhase = 'target' | 'prepare' | 'generator' | 'load' | 'store';

export type RunOutcome =
  | { readonly status: 'completed' }
  | { readonly status: 'aborted'; readonly phase: RunPhase; readonly reason: string; readonly code: AbortCode }
  | { readonly status: 'failed'; readonly phase: RunPhase; readonly reason: string; readonly hint: string };

/** Why a run ended early although nothing was broken in plimsoll. Listed in docs/abort-rules.md. */
export const abortCodes = [
  'error-ratio',
  'latency',
  'target-gone',
  'generator-late',
  'disk-full',
  'interrupted',
] as const;
export type AbortCode = (typeof abortCodes)[number];

/** What the figures belong to: two runs are comparable only where this is alike. */
export interface Environment {
  readonly host: HostEnvironment;
  readonly target: TargetEnvironment;
  readonly tools: Readonly<Record<string, string>>;
}

export interface HostEnvironment {
  readonly platform: string;
  readonly kernel: string;
  readonly cpuModel: string;
  readonly processors: number;
  readonly memoryBytes: Bytes;
  /** Of the harness's own control group; null: no limit or unknown. */
  readonly cpuLimit: number | null;
  readonly memoryLimitBytes: Bytes | null;
  /** Selected settings that decide about ports and queues (net.core.somaxconn, net.ipv4.ip_local_port_range, …). */
  readonly sysctls: Readonly<Record<string, string>>;
}

/** Null everywhere that could not be learnt; nothing is guessed. */
export interface TargetEnvironment {
  readonly url: string | null;
  readonly processId: number | null;
  readonly goVersion: string | null;
  readonly buildId: string | null;
  readonly modulePath: string | null;
  readonly gomaxprocs: number | null;
  readonly gogc: string | null;
  readonly gomemlimit: string | null;
  readonly command: readonly string[] | null;
  readonly processorSet: string | null;
  readonly cpuLimit: number | null;
  readonly memoryLimitBytes: Bytes | null;
  /** How limits were set, or why they could not be. */
  readonly notes: readonly string[];
}
