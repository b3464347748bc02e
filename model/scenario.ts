import type { Arrivals } from './load-profile.ts';
import type { EngineName } from './plan.ts';
import type { Requests } from './traffic.ts';

/**
 * What a person writes. Quantities are texts with their unit ("30s", "512MiB") or, for rates, plain numbers per second.
 * Optional fields are allowed here and nowhere else: `planRun` resolves them all, with the defaults named below.
 */
export interface Scenario {
  readonly name: string;
  readonly target: TargetInput;
  readonly traffic: TrafficInput;
  readonly load: OpenLoadInput | ClosedLoadInput;
  /** For logins and the like: asked once before the load; what it gives (JSON) is the third argument of `requests`. */
  readonly prepare?: Prepare;
  /** Grammar of docs/objectives.md: 'p99<200ms', 'errors<0.1%', 'within(100ms)>=95%', 'orders:p99<300ms'. */
  readonly objectives?: readonly string[];
  readonly collect?: CollectInput;
  /** Default 'auto'. */
  readonly engine?: EngineName | 'auto';
  /** Default 1. */
  readonly seed?: number;
  readonly connections?: number | 'auto';
  /** Default true. */
  readonly keepAlive?: boolean;
  /** For https, which needs the k6 engine. PEM files, relative to the scenario. */
  readonly tls?: TlsInput;
  /** Per request, default '10s'. */
  readonly timeout?: string;
  /** Default { run: 'X-Plimsoll-Run', stage: 'X-Plimsoll-Stage' }. */
  readonly headers?: { readonly run?: string; readonly stage?: string };
  readonly abort?: AbortInput;
  readonly processors?: { readonly generator?: string; readonly target?: string };
  readonly limits?: LimitsInput;
}

export interface TlsInput {
  /** The authority to trust instead of the system's. */
  readonly ca?: string;
  /** Of the client, with its key. */
  readonly certificate?: string;
  readonly key?: string;
  /** Trust any certificate; default false. */
  readonly insecure?: boolean;
}

export type TargetInput =
  | string
  | { readonly url: string; readonly ready?: string; readonly readyTimeout?: string }
  | {
      readonly launch: readonly [string, ...string[]];
      readonly directory?: string;
      readonly environment?: Readonly<Record<string, string>>;
      /** Values for `{{name}}` in `launch` and `environment`; `plimsoll sweep --vary name=…` tries others. */
      readonly settings?: Readonly<Record<string, string | number>>;
      /** Regular expression on a line of standard output, first group = address. Default: 'listening on (\\S+)'. */
      readonly listening?: string;
      /** Where it will listen, instead of `listening`. */
      readonly url?: string;
      readonly ready?: string;
      readonly readyTimeout?: string;
      readonly memory?: string;
      readonly cpus?: number;
    };

export type TrafficInput =
  | { readonly requests: Requests }
  | {
      readonly endpoints: readonly EndpointInput[];
      /** Rows for `{{column}}`: given here, or a .csv or .json file relative to the scenario. */
      readonly data?: string | readonly Readonly<Record<string, string>>[];
    }
  | {
      /** A script for k6 (`flow.k6.ts`), relative to the scenario: one iteration for each due time. See docs/k6-scripts.md. */
      readonly k6Script: string;
      /** What the script reads as `__ENV.NAME`, and nothing else but PLIMSOLL_URL; 'env:NAME' keeps a secret out of the record. */
      readonly environment?: Readonly<Record<string, string>>;
    }
  | {
      /** Unary gRPC calls; in plain text where the target's address is http, by TLS where it is https. */
      readonly grpc: readonly GrpcCallInput[];
      /** .proto files, relative to `protoPath`. Default: the server is asked by reflection. */
      readonly proto?: string | readonly string[];
      /** Folders, relative to the scenario, that .proto files and what they import are looked for in. Default: its own. */
      readonly protoPath?: string | readonly string[];
      /** As of endpoints. */
      readonly data?: string | readonly Readonly<Record<string, string>>[];
    };

export interface GrpcCallInput {
  /** 'package.Service/Method' */
  readonly method: string;
  /** As JSON maps it; `{{column}}` in its texts is filled from the data, also for numbers. Default: an empty one. */
  readonly message?: Readonly<Record<string, unknown>>;
  /** Default: the method. */
  readonly name?: string;
  /** Default 1. */
  readonly weight?: number;
  /** 'env:NAME' keeps a secret out of the record. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Default, and at most: the scenario's timeout. */
  readonly deadline?: string;
  /** 'OK,NOT_FOUND', 'body~REGEX' on the answer as JSON without white space, joined by commas. Default: OK. */
  readonly expect?: string;
}

export interface EndpointInput {
  readonly path: string;
  readonly name?: string;
  /** Default 1. */
  readonly weight?: number;
  readonly method?: string;
  /** 'env:NAME' keeps a secret out of the record. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Text, or '@file' relative to the scenario. */
  readonly body?: string;
  /** '2xx,3xx', '201,204', 'body~REGEX', joined by commas. */
  readonly expect?: string;
}

export interface OpenLoadInput {
  /** Default 'even'. */
  readonly arrivals?: Arrivals;
  /** Default: '5s' at the first stage's rate; '0s' for none. */
  readonly warmUp?: string | { readonly rate: number | string; readonly for: string };
  readonly stages: readonly StageInput[];
}

export type StageInput =
  | { readonly hold: number | string; readonly for: string; readonly name?: string }
  | { readonly ramp: readonly [number | string, number | string]; readonly for: string; readonly name?: string }
  /** Holds from `from` by `step` to `to`; `to` is always the last, even where the step does not divide. */
  | {
      readonly stair: { readonly from: number | string; readonly to: number | string; readonly step: number | string };
      readonly hold: string;
    };

export interface ClosedLoadInput {
  readonly users: number | readonly { readonly users: number; readonly for: string }[];
  readonly for?: string;
  readonly thinkTime?: string;
  readonly warmUp?: string;
}

export interface CollectInput {
  /** URL or URLs of Prometheus text; the first is of the process analysed; default none. */
  readonly metrics?: string | readonly string[];
  readonly expvar?: string | readonly string[];
  /** URL or URLs of pprof indexes, such as http://127.0.0.1:6060/debug/pprof; the first is of the process analysed. */
  readonly pprof?: string | readonly string[];
  /** Default 'full' where `pprof` is given: light leaves out mutex, block and the forced-GC heap. */
  readonly profiles?: 'none' | 'light' | 'full';
  /** 'env:NAME' of the variable with the connection string of the database behind the target; a role that only reads will do. */
  readonly postgres?: string;
  /** Default '1s'. */
  readonly interval?: string;
  /** Header 'Name: value' for metrics and pprof only. */
  readonly adminHeaders?: Readonly<Record<string, string>>;
}

/** false switches a rule off. Defaults: errors 50%, targetGone 10s, lateness 1s, freeDisk 200MiB, latency off. */
export interface AbortInput {
  readonly errors?: string | false;
  readonly latency?: string | false;
  readonly targetGone?: string | false;
  readonly lateness?: string | false;
  readonly freeDisk?: string | false;
  /** Default '5s'. */
  readonly window?: string;
}

/** Limits of the four scorecards; see docs/scorecards.md for the defaults. */
export interface LimitsInput {
  readonly latencyP99?: string;
  readonly cpu?: string;
  readonly rssGrowthPerMinute?: string;
  readonly goroutines?: number;
  readonly poolWait?: string;
  readonly dependencyErrors?: string;
  readonly gcCpu?: string;
  readonly gcPause?: string;
  readonly schedulingLatency?: string;
  readonly generatorCpu?: string;
}

export type Prepare = (context: PrepareContext) => Promise<unknown>;

export interface PrepareContext {
  /** Origin of the target. */
  readonly url: string;
  /** Like fetch, against the target's origin, counted as a prepare request and bounded in time and size. */
  readonly request: (request: {
    readonly path: string;
    readonly method?: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string;
  }) => Promise<{ readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: string }>;
}
