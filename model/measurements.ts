import type { ProfileKind } from './plan.ts';
import type { Bytes, EpochMilliseconds, Milliseconds } from './units.ts';

/** One failed collector never loses a run: its absence is a value. */
export type Captured<T> =
  | { readonly status: 'captured'; readonly value: T }
  | { readonly status: 'not-collected'; readonly reason: string }
  | { readonly status: 'failed'; readonly reason: string };

export const captured = <T>(value: T): Captured<T> => ({ status: 'captured', value });
export const notCollected = (reason: string): Captured<never> => ({ status: 'not-collected', reason });
export const captureFailed = (reason: string): Captured<never> => ({ status: 'failed', reason });

/** How a request that was sent, or should have been, failed. Listed with their meaning in docs/failure-kinds.md. */
export const failureKinds = [
  'timeout',
  'connection-refused',
  'connection-reset',
  'connection-closed',
  'connect-timeout',
  'dns',
  'tls',
  'truncated-body',
  'malformed-response',
  'unexpected-status',
  'unexpected-body',
  'request-error',
  'script-error',
  'failed-check',
] as const;
export type FailureKind = (typeof failureKinds)[number];

/**
 * How a due request ended. Each ends exactly once: due = done + failed + shed + dropped + in flight at the end.
 * - done: complete response that met the expectation; failed: any other end, with its kind;
 * - shed: 429 or 503 (gRPC: RESOURCE_EXHAUSTED or UNAVAILABLE); dropped: never sent, the queue for a free connection was full;
 * - in-flight: cut when the grace period after the last stage ended (sent or still queued).
 */
export type OutcomeKind = 'done' | 'failed' | 'shed' | 'dropped' | 'in-flight';

/** HTTP status code, or name of a gRPC code → how many answers had it. */
export type StatusCounts = Readonly<Record<string, number>>;

/** Additive: cells of equal keys add up, also across generators. `second` is that of the due time, from the start. */
export interface TrafficCell {
  readonly second: number;
  readonly stage: number;
  readonly endpoint: string;
  readonly outcome: OutcomeKind;
  /** Set exactly where `outcome` is failed. */
  readonly failure: FailureKind | null;
  readonly count: number;
  /**
   * Status code → answers. Set where the status was not an accepted one (shed, or failed with unexpected-status), where
   * they add up to `count`; null elsewhere, and there too where the generator did not say.
   */
  readonly statuses: StatusCounts | null;
  /** HdrHistogram V2, base64, µs: end − due. Null where there is none (dropped, in flight) or it is not known. */
  readonly responseTime: string | null;
  /** HdrHistogram V2, base64, µs: end − first byte written. */
  readonly serviceTime: string | null;
}

/** Additive, keyed as cells are. `sent` = first byte written to a connection. */
export interface TrafficCount {
  readonly second: number;
  readonly stage: number;
  readonly endpoint: string;
  readonly due: number;
  readonly sent: number;
}

export const stepKinds = ['http', 'grpc', 'websocket', 'group', 'check'] as const;
export type StepKind = (typeof stepKinds)[number];

/**
 * Steps of the iterations of a k6 script, which are counted beside the books: there each iteration is due once. Additive;
 * `second` and `stage` are those of the iteration.
 */
export interface StepCell {
  readonly second: number;
  readonly stage: number;
  readonly kind: StepKind;
  readonly name: string;
  readonly outcome: Exclude<OutcomeKind, 'dropped'>;
  readonly failure: FailureKind | null;
  readonly count: number;
  /** As in TrafficCell. */
  readonly statuses: StatusCounts | null;
  /** HdrHistogram V2, base64, µs: from the first byte written; of a group its length without thinking. */
  readonly serviceTime: string | null;
}

/** What the generator says of itself, for one second of the clock (not of due times). */
export interface GeneratorHealth {
  readonly second: number;
  readonly stage: number;
  /** User and system time its processes spent in this second. */
  readonly cpuMs: Milliseconds;
  /** HdrHistogram V2, base64, µs: moment the schedule handed a request over − due. Excludes waiting for a connection. */
  readonly lateness: string | null;
  /** HdrHistogram V2, base64, µs: waiting for a free connection, only of those that waited. */
  readonly connectionWait: string | null;
  readonly waitedForConnection: number;
  readonly queueLengthMax: number;
  readonly inFlightMax: number;
  readonly connectionsOpen: number;
  readonly connectsTotal: number;
  /** Longest time the generator's own loop did not run (its stalls are not the target's). */
  readonly stallMaxMs: Milliseconds;
  readonly rssBytes: Bytes;
}

/** The generator's lines, gathered. One element per line that arrived, in order. */
export interface TrafficMeasurement {
  readonly engine: { readonly name: string; readonly version: string; readonly build: string | null };
  /** Instant of offset 0 of the first stage. */
  readonly startedAt: EpochMilliseconds;
  readonly endedAt: EpochMilliseconds;
  readonly cells: readonly TrafficCell[];
  readonly counts: readonly TrafficCount[];
  readonly health: readonly GeneratorHealth[];
  /** Empty but for k6 scripts. */
  readonly steps: readonly StepCell[];
  /** Whether the generator said goodbye; without it the last second or so may be missing. */
  readonly complete: boolean;
}

/**
 * One reading of one source, stored as it came; decoding belongs to the analysis. `body` is the text of the answer
 * (Prometheus text, expvar JSON, our own JSON for process, socket and PostgreSQL readings, one gctrace line).
 */
export interface Scrape {
  readonly collector: CollectorName;
  /** URL without credentials, or what was read. */
  readonly source: string;
  readonly at: EpochMilliseconds;
  readonly durationMs: Milliseconds;
  readonly bytes: Bytes;
  readonly contentType: string | null;
  readonly body: string | null;
  /** Why there is no body. */
  readonly error: string | null;
}

export const collectorNames = ['prometheus', 'expvar', 'process', 'cgroup', 'sockets', 'gctrace', 'postgres'] as const;
export type CollectorName = (typeof collectorNames)[number];

export interface CollectorSummary {
  readonly collector: CollectorName | 'pprof';
  readonly source: string;
  readonly status: Captured<{ readonly readings: number; readonly failures: number }>;
  /** What collecting cost this side: CPU of the conductor in it is not separable, its wall time is. */
  readonly totalMs: Milliseconds;
  readonly totalBytes: Bytes;
}

/** A profile on disk; the bytes are in the run folder under `file`. */
export interface ProfileCapture {
  /** Null: the address that the plan names first. Else the further one that gave it, without credentials. */
  readonly source: string | null;
  readonly stage: number | null;
  readonly label: 'baseline' | 'stage' | 'cool-down';
  readonly kind: ProfileKind;
  readonly startedAt: EpochMilliseconds;
  readonly durationMs: Milliseconds;
  /** Counts since the process began (allocs, mutex, block): a stage's own figure is the difference of two. */
  readonly cumulative: boolean;
  /** `profiles/<stage or label>-<kind>.pb.gz` in the run folder, with `-instance-2` … of further addresses. */
  readonly content: Captured<{ readonly file: string; readonly bytes: Bytes }>;
}
