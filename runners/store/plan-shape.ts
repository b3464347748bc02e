import { z } from 'zod';
import { type Plan, systemTls } from '../../model/plan.ts';
import { bytes, milliseconds, perSecond, ratio } from '../../model/units.ts';

/* The plan as it is on disk: the shapes of model/plan.ts and what it refers to, checked where text becomes data. */

const whole = z.int().nonnegative();
const duration = z.number().transform(milliseconds);
const size = z.number().nonnegative().transform(bytes);
const share = z.number().transform(ratio);
const rate = z.number().nonnegative().transform(perSecond);
const texts = z.record(z.string(), z.string());

const expectation = z.object({ statuses: z.array(z.int()), body: z.string().nullable() });

const traffic = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('endpoints'),
    endpoints: z.array(
      z.object({
        name: z.string(),
        weight: z.number(),
        method: z.string(),
        path: z.string(),
        headers: texts,
        body: z.string().nullable(),
        expect: expectation,
      }),
    ),
    rows: z.array(texts),
  }),
  z.object({
    kind: z.literal('module'),
    file: z.string(),
    hash: z.string(),
    endpoints: z.array(z.string()),
    hasPrepare: z.boolean(),
  }),
  z.object({
    kind: z.literal('k6-script'),
    file: z.string(),
    hash: z.string(),
    endpoints: z.tuple([z.string()]),
    folder: z.string(),
    environment: texts,
  }),
  z.object({
    kind: z.literal('grpc'),
    endpoints: z.array(
      z.object({
        name: z.string(),
        weight: z.number(),
        method: z.string(),
        message: z.string(),
        metadata: texts,
        deadlineMs: duration,
        expect: z.object({ codes: z.array(z.string()), body: z.string().nullable() }),
      }),
    ),
    rows: z.array(texts),
    protoFiles: z.array(z.string()),
    importPaths: z.array(z.string()),
  }),
]);

const stage = { name: z.string(), kind: z.enum(['warm-up', 'hold', 'ramp', 'cool-down']) };
const loadProfile = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('open'),
    arrivals: z.enum(['even', 'poisson']),
    stages: z.array(z.object({ ...stage, startPerSecond: rate, endPerSecond: rate, durationMs: duration })),
  }),
  z.object({
    kind: z.literal('closed'),
    stages: z.array(z.object({ ...stage, users: whole, durationMs: duration })),
    thinkTimeMs: duration,
  }),
]);

const judged = { endpoint: z.string().nullable(), comparison: z.enum(['<', '<=', '>', '>=']) };
const objective = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('latency-quantile'), ...judged, quantile: z.number(), limitMs: duration }),
  z.object({ kind: z.literal('within'), ...judged, durationMs: duration, limit: share }),
  z.object({ kind: z.literal('errors'), ...judged, limit: share }),
  z.object({ kind: z.literal('shed'), ...judged, limit: share }),
  z.object({ kind: z.literal('throughput'), ...judged, limitPerSecond: rate }),
  z.object({ kind: z.literal('gc-cpu'), ...judged, limit: share }),
  z.object({ kind: z.literal('goroutines'), ...judged, limit: z.number() }),
  z.object({ kind: z.literal('rss'), ...judged, limitBytes: size }),
]);

const ready = { readyPath: z.string().nullable(), readyTimeoutMs: duration };
const target = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('attach'), url: z.string(), ...ready }),
  z.object({
    kind: z.literal('launch'),
    url: z.string().nullable(),
    ...ready,
    command: z.tuple([z.string()], z.string()),
    workingDirectory: z.string(),
    environment: texts,
    listeningPattern: z.string().nullable(),
    limits: z.object({ memoryBytes: size.nullable(), cpus: z.number().nullable() }),
  }),
]);

const scrape = z.object({ url: z.string(), intervalMs: duration, timeoutMs: duration, maxBytes: size });
const interval = z.object({ intervalMs: duration }).nullable();

export const profileKind = z.enum(['cpu', 'heap', 'allocs', 'goroutine', 'mutex', 'block']);
export const profileLabel = z.enum(['baseline', 'stage', 'cool-down']);

const pprof = z.object({
  url: z.string(),
  furtherUrls: z.array(z.string()).default([]),
  maxBytes: size,
  captures: z.array(
    z.object({
      stage: whole.nullable(),
      label: profileLabel,
      kind: profileKind,
      atMs: duration,
      durationMs: duration,
      afterGc: z.boolean(),
    }),
  ),
});

export const planShape = z.object({
  name: z.string(),
  seed: z.number(),
  engine: z.object({ name: z.enum(['autocannon', 'k6']), reason: z.string() }),
  target,
  traffic,
  loadProfile,
  steadyWindows: z.array(z.object({ fromMs: duration, toMs: duration })),
  connections: z.object({
    count: whole,
    reason: z.string(),
    keepAlive: z.boolean(),
    requestTimeoutMs: duration,
    queueLimit: whole,
    // Absent in records of plimsoll before it knew https.
    tls: z
      .object({
        caFile: z.string().nullable(),
        certificateFile: z.string().nullable(),
        keyFile: z.string().nullable(),
        insecure: z.boolean(),
      })
      .default(systemTls),
  }),
  headers: z.object({ run: z.string(), stage: z.string() }),
  objectives: z.array(objective),
  collect: z.object({
    prometheus: z.array(scrape),
    expvar: z.array(scrape),
    pprof: pprof.nullable(),
    process: interval,
    sockets: interval,
    // Runs recorded before there was this collector.
    postgres: z.object({ url: z.string(), intervalMs: duration }).nullable().default(null),
    gctrace: z.boolean(),
    adminHeaders: texts,
  }),
  abortRules: z.object({
    errorRatio: share.nullable(),
    latencyMs: duration.nullable(),
    targetGoneMs: duration.nullable(),
    latenessMs: duration.nullable(),
    freeDiskBytes: size.nullable(),
    windowMs: duration,
  }),
  processors: z.object({ generator: z.string().nullable(), target: z.string().nullable() }),
  graceMs: duration,
  limits: z.object({
    latencyP99Ms: duration.nullable(),
    cpu: share,
    rssGrowthPerMinute: share,
    goroutines: z.number().nullable(),
    poolWaitMs: duration,
    dependencyErrorRatio: share,
    gcCpu: share,
    gcPauseMs: duration,
    schedulingLatencyMs: duration,
    generatorCpu: share,
  }),
  warnings: z.array(z.object({ code: z.string(), message: z.string() })),
});

/** The compiler's word that the shape is the model's. */
export const decodePlan = (data: unknown): Plan => planShape.parse(data);
