import type { Random } from './random.ts';
import type { Milliseconds } from './units.ts';

/** One HTTP request as both engines send it. */
export interface HttpRequest {
  /** Endpoint the measurements are filed under; keep the set small (route, not URL). */
  readonly name: string;
  readonly method: string;
  /** Path with query, from the target's root. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  readonly expect: Expectation;
}

/** What makes a complete response count as done. 429 and 503 are counted as shed unless they are listed here. */
export interface Expectation {
  /** Accepted status codes; empty: any of 200 to 399. */
  readonly statuses: readonly number[];
  /** Regular expression the body must match (first 1 MiB); null: any body. */
  readonly body: string | null;
}

/**
 * The traffic's heart: which request is the n-th. Pure, so that both engines send the same: everything random comes
 * from `random`, which is seeded from the run's seed and the iteration, and is this call's only; `prepared` is what the
 * scenario's `prepare` step gave (null without one).
 */
export type Requests = (iteration: number, random: Random, prepared: unknown) => RequestInput;

/** What a `requests` function may give: everything but `path` has a default (GET, name = method and path, 2xx or 3xx). */
export interface RequestInput {
  readonly path: string;
  readonly name?: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | null;
  readonly expect?: { readonly statuses?: readonly number[]; readonly body?: string };
}

/** The plan's description of the traffic: data only. */
export type Traffic =
  | {
      /** From flags or a declarative scenario: templates with `{{column}}` filled from the data rows, by weight. */
      readonly kind: 'endpoints';
      readonly endpoints: readonly Endpoint[];
      /** Row `iteration mod length` fills the templates. */
      readonly rows: readonly Readonly<Record<string, string>>[];
    }
  | {
      /** A scenario's `requests` function, bundled as an ES module that exports `requests` (and `prepare`, if any). */
      readonly kind: 'module';
      /** File name beside the plan: `requests-<first 16 hex of its SHA-256>.mjs`. */
      readonly file: string;
      readonly hash: string;
      /** Endpoint names seen in the first thousand iterations, for display. */
      readonly endpoints: readonly string[];
      readonly hasPrepare: boolean;
    }
  | {
      /** Unary gRPC calls, by weight. Templates as above in their messages and metadata. */
      readonly kind: 'grpc';
      readonly endpoints: readonly GrpcEndpoint[];
      readonly rows: readonly Readonly<Record<string, string>>[];
      /** Relative to one of `importPaths`; none: the server is asked for its methods by reflection. */
      readonly protoFiles: readonly string[];
      /** Absolute. */
      readonly importPaths: readonly string[];
    }
  | ScriptTraffic;

/**
 * A script for k6, bundled with what it imports. One iteration of it is what comes due; what it does is measured as its
 * steps, beside the books.
 */
export interface ScriptTraffic {
  readonly kind: 'k6-script';
  /** File name beside the plan: `script-<first 16 hex of its SHA-256>.mjs`. */
  readonly file: string;
  readonly hash: string;
  /** The one name under which its iterations are filed: that of the user's file, without `.k6.ts`. */
  readonly endpoints: readonly [string];
  /** Absolute folder of the user's file: what `open()` in it is relative to. */
  readonly folder: string;
  /** What it reads as `__ENV`; values may be `env:NAME`. */
  readonly environment: Readonly<Record<string, string>>;
}

export interface GrpcEndpoint {
  readonly name: string;
  readonly weight: number;
  /** package.Service/Method */
  readonly method: string;
  /** JSON, as protobuf maps it. */
  readonly message: string;
  /** Values may be `env:NAME`, as of headers. */
  readonly metadata: Readonly<Record<string, string>>;
  /** From the moment the call begins; no longer than the request timeout. */
  readonly deadlineMs: Milliseconds;
  readonly expect: GrpcExpectation;
}

/** What makes a call count as done. RESOURCE_EXHAUSTED and UNAVAILABLE count as shed unless they are listed here. */
export interface GrpcExpectation {
  /** Accepted codes by name; empty: OK. */
  readonly codes: readonly string[];
  /** Regular expression that the answer must match, as JSON without white space (first 1 MiB); null: any answer. */
  readonly body: string | null;
}

export interface Endpoint {
  readonly name: string;
  readonly weight: number;
  readonly method: string;
  readonly path: string;
  /** Values may be `env:NAME`: read from the environment when the run starts, never recorded. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  readonly expect: Expectation;
}
