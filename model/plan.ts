import type { LoadProfile } from './load-profile.ts';
import type { Objective } from './objective.ts';
import type { Traffic } from './traffic.ts';
import type { Bytes, Milliseconds, Ratio } from './units.ts';

export type EngineName = 'autocannon' | 'k6';

/**
 * Everything resolved: what will be done, with no optional field and no function in it, so it can be printed, hashed,
 * handed to a generator as JSON and read again years later. Stages are in `loadProfile.stages`; a stage's index there is
 * its name in every measurement. Due times are not stored: they follow from profile, arrivals and seed
 * (scenarios/load-schedule.ts).
 */
export interface Plan {
  readonly name: string;
  readonly seed: number;
  readonly engine: { readonly name: EngineName; readonly reason: string };
  readonly target: TargetPlan;
  readonly traffic: Traffic;
  readonly loadProfile: LoadProfile;
  /** One per stage: the part of it that is judged, as offsets from the start of the load. */
  readonly steadyWindows: readonly SteadyWindow[];
  readonly connections: ConnectionPlan;
  readonly headers: IdentifyingHeaders;
  readonly objectives: readonly Objective[];
  readonly collect: CollectPlan;
  readonly abortRules: AbortRules;
  readonly processors: ProcessorPlan;
  /** After each stage's end is over, the rest of the load; after the last one this long for answers still due. */
  readonly graceMs: Milliseconds;
  readonly limits: ScorecardLimits;
  /** What the planner thinks the user should know before the run; codes of docs/warnings.md. */
  readonly warnings: readonly PlanWarning[];
}

export interface PlanWarning {
  readonly code: string;
  readonly message: string;
}

export interface SteadyWindow {
  readonly fromMs: Milliseconds;
  readonly toMs: Milliseconds;
}

export type TargetPlan = AttachPlan | LaunchPlan;

interface TargetCommon {
  /** Origin of the workload, `http://host:port`, no credentials, no trailing slash. Null until launched. */
  readonly url: string | null;
  /** Readiness path that is asked until it answers 2xx; null: a TCP connect is all. Never a workload path by default. */
  readonly readyPath: string | null;
  readonly readyTimeoutMs: Milliseconds;
}

export interface AttachPlan extends TargetCommon {
  readonly kind: 'attach';
  readonly url: string;
}

export interface LaunchPlan extends TargetCommon {
  readonly kind: 'launch';
  readonly command: readonly [string, ...string[]];
  readonly workingDirectory: string;
  /** Added to plimsoll's own environment; values may be `env:NAME`, which is kept unresolved in the record. */
  readonly environment: Readonly<Record<string, string>>;
  /**
   * How the address becomes known: a line on standard output that matches (first group = host:port or URL), or given as
   * `url`. Exactly one of the two is set.
   */
  readonly listeningPattern: string | null;
  readonly limits: { readonly memoryBytes: Bytes | null; readonly cpus: number | null };
}

export interface ConnectionPlan {
  /** Connections opened before stage 0 and kept; the most there will ever be. */
  readonly count: number;
  readonly reason: string;
  /** False: a new connection for each request (`--no-keepalive`). */
  readonly keepAlive: boolean;
  readonly requestTimeoutMs: Milliseconds;
  /** Due requests that may wait for a free connection; more are counted as dropped. */
  readonly queueLimit: number;
  readonly tls: TlsPlan;
}

/** How certificates are checked where a URL is https; absolute paths of PEM files. Says nothing for plain http. */
export interface TlsPlan {
  /** Trusted instead of the system's authorities; null: those of the system. */
  readonly caFile: string | null;
  /** Of the client, where the target asks for one. Both or none. */
  readonly certificateFile: string | null;
  readonly keyFile: string | null;
  /** True: any certificate will do. */
  readonly insecure: boolean;
}

/** The system's authorities, no certificate of the client. */
export const systemTls: TlsPlan = { caFile: null, certificateFile: null, keyFile: null, insecure: false };

/** Names of the headers that let the target's side tell test traffic; every request carries both. */
export interface IdentifyingHeaders {
  readonly run: string;
  readonly stage: string;
}

export interface CollectPlan {
  readonly prometheus: readonly ScrapePlan[];
  readonly expvar: readonly ScrapePlan[];
  readonly pprof: PprofPlan | null;
  /** /proc and cgroup of the target, where it runs on this machine and its process is known. */
  readonly process: { readonly intervalMs: Milliseconds } | null;
  readonly sockets: { readonly intervalMs: Milliseconds } | null;
  /** The database behind the target. */
  readonly postgres: PostgresPlan | null;
  readonly gctrace: boolean;
  /** Header values (such as Authorization) sent to admin endpoints only; values are `env:NAME` references. */
  readonly adminHeaders: Readonly<Record<string, string>>;
}

export interface PostgresPlan {
  /** `env:NAME`: a connection string holds a password, so the plan has only the name of its variable. */
  readonly url: string;
  readonly intervalMs: Milliseconds;
}

export interface ScrapePlan {
  readonly url: string;
  readonly intervalMs: Milliseconds;
  readonly timeoutMs: Milliseconds;
  readonly maxBytes: Bytes;
}

export type ProfileKind = 'cpu' | 'heap' | 'allocs' | 'goroutine' | 'mutex' | 'block';

export interface PprofPlan {
  /** The folder that holds the profiles, usually `…/debug/pprof`, no trailing slash. */
  readonly url: string;
  /** The same of other instances or of services behind this one: kept in the record, not analysed. */
  readonly furtherUrls: readonly string[];
  readonly maxBytes: Bytes;
  /**
   * Of each process never two at once. `cpu` runs inside the steady window of a hold; the others are snapshots:
   * `cumulative` ones (allocs, mutex, block) become a stage's figures as the difference to the snapshot before.
   */
  readonly captures: readonly ProfileCapturePlan[];
}

export interface ProfileCapturePlan {
  /** Index into `loadProfile.stages`; null: before the load (idle baseline) or after it, see `atMs`. */
  readonly stage: number | null;
  readonly label: 'baseline' | 'stage' | 'cool-down';
  readonly kind: ProfileKind;
  /** Offset from the start of the load; negative before it. */
  readonly atMs: Milliseconds;
  /** Length of a CPU profile; 0 for a snapshot. */
  readonly durationMs: Milliseconds;
  /** Garbage collection forced first (heap only, after the load). */
  readonly afterGc: boolean;
}

/** Any of these ends the run early; null switches a rule off. Windows are of whole seconds. */
export interface AbortRules {
  /** Share of failed, dropped or unanswered over `windowMs`. */
  readonly errorRatio: Ratio | null;
  /** p99 of response time over `windowMs`. */
  readonly latencyMs: Milliseconds | null;
  /** No complete response at all for this long while requests were due. */
  readonly targetGoneMs: Milliseconds | null;
  /** Median lateness of the generator's schedule over `windowMs`. */
  readonly latenessMs: Milliseconds | null;
  readonly freeDiskBytes: Bytes | null;
  readonly windowMs: Milliseconds;
}

export interface ProcessorPlan {
  /** Processor lists as `taskset` takes them ("0", "1-3"); null: not pinned. */
  readonly generator: string | null;
  readonly target: string | null;
}

/** Limits of the four scorecards (requirements S000.1), editable in the scenario. Null: not judged. */
export interface ScorecardLimits {
  readonly latencyP99Ms: Milliseconds | null;
  readonly cpu: Ratio;
  readonly rssGrowthPerMinute: Ratio;
  readonly goroutines: number | null;
  readonly poolWaitMs: Milliseconds;
  readonly dependencyErrorRatio: Ratio;
  readonly gcCpu: Ratio;
  readonly gcPauseMs: Milliseconds;
  readonly schedulingLatencyMs: Milliseconds;
  readonly generatorCpu: Ratio;
}
