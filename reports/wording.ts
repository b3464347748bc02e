import type { LimiterSignal } from '../analysis/analysis.ts';
import type { FailureKind } from '../model/measurements.ts';
import type { AbortCode } from '../model/run-record.ts';

/**
 * Codes → words. Codes are for programs and never change; these words are for people and may. A code that is not known
 * here (a newer analysis, an older report) is shown as itself.
 */
function say(words: Readonly<Record<string, string>>, code: string): string {
  return Object.hasOwn(words, code) ? (words[code] ?? code) : code;
}

/** What stops the service, in a few words. */
const limiters: Readonly<Record<LimiterSignal, string>> = {
  'latency-objective': 'response time',
  'error-objective': 'errors',
  cpu: 'target’s CPU',
  'cpu-throttling': 'CPU throttling',
  'host-cpu': 'CPU of the host',
  'pool-wait': 'connection pool',
  'gc-cpu': 'garbage collector',
  'scheduling-latency': 'goroutine scheduling',
  'mutex-wait': 'mutex contention',
  memory: 'memory',
  goroutines: 'goroutines',
  'accept-queue': 'accept queue',
  'connection-queue': 'client connections',
  shedding: 'load shedding',
};

/** What is measured there; stands after the value: "6.24 ms wait per request". */
const measures: Readonly<Record<LimiterSignal, string>> = {
  'latency-objective': 'where an objective was missed',
  'error-objective': 'of due requests had no good answer',
  cpu: 'of its processors busy',
  'cpu-throttling': 'of scheduling periods throttled',
  'host-cpu': 'of the processors busy, by all processes',
  'pool-wait': 'wait per request',
  'gc-cpu': 'of CPU time in the collector',
  'scheduling-latency': 'p99 wait of goroutines for a processor',
  'mutex-wait': 'of waiting for mutexes',
  memory: 'of the memory limit resident',
  goroutines: 'goroutines',
  'accept-queue': 'connections dropped by the kernel',
  'connection-queue': 'of due requests waited for a free connection',
  shedding: 'of due requests answered 429 or 503',
};

/** Laws of throughput over concurrency. */
const laws: Readonly<Record<string, string>> = {
  linear: 'straight line',
  amdahl: 'Amdahl’s law',
  usl: 'Universal Scalability Law',
  'hard-limit': 'hard limit',
};

const failures: Readonly<Record<FailureKind, string>> = {
  timeout: 'timed out',
  'connection-refused': 'connection refused',
  'connection-reset': 'connection reset',
  'connection-closed': 'connection closed before an answer',
  'connect-timeout': 'no connection in time',
  dns: 'name not resolved',
  tls: 'TLS handshake or certificate',
  'truncated-body': 'body cut short',
  'malformed-response': 'answer was not HTTP',
  'unexpected-status': 'unexpected status',
  'unexpected-body': 'unexpected body',
  'request-error': 'request could not be written',
  'script-error': 'the script threw an exception',
  'failed-check': 'a check of the script failed',
};

const aborts: Readonly<Record<AbortCode, string>> = {
  'error-ratio': 'too many errors',
  latency: 'response time over its abort limit',
  'target-gone': 'the target stopped answering',
  'generator-late': 'the generator fell behind its schedule',
  'disk-full': 'the disk was nearly full',
  interrupted: 'interrupted',
};

/** Why a stage is not judged, or how the generator was late in it (docs/validity-reasons.md). */
const validity: Readonly<Record<string, string>> = {
  'warm-up': 'warm-up',
  'cool-down': 'cool-down',
  'stage-not-reached': 'the load ended before the stage began',
  'stage-incomplete': 'the load ended before the stage did',
  'no-traffic': 'no request was due',
  'books-unbalanced': 'the counts of requests do not add up',
  'schedule-not-kept': 'the generator asked for more or fewer requests than planned',
  'requests-not-sent': 'the generator did not send all due requests',
  'generator-late': 'the generator was late',
  'generator-busy': 'the generator’s processors were busy',
  'generator-stalled': 'the generator stalled',
  'generator-idle-connections': 'requests waited although connections were idle',
  'generator-incomplete': 'the generator ended without its last report',
  'generator-health-missing': 'the generator said nothing of itself',
  'target-restarted': 'the target was restarted',
};

/** Doubts about figures (docs/warnings.md), the planner's (docs/plan-warnings.md) and a finding's own among them. */
const warnings: Readonly<Record<string, string>> = {
  'traffic-missing': 'the generator measured nothing',
  'histogram-unreadable': 'some histograms could not be read',
  'requests-untimed': 'some requests have no time',
  'lateness-unknown': 'the generator does not know when requests were due',
  'too-few-exceedances': 'too few requests beyond the quantile to state it',
  'too-few-batches': 'too short a window for an interval',
  'interval-unbounded': 'too few seconds for an upper bound',
  'few-batches': 'few seconds, so a wide interval',
  'few-independent-exceedances': 'slow requests came in few bursts; the interval may be too short',
  'not-settled': 'the response time was still changing',
  'response-time-growing': 'the response time grew all through the stage',
  'generator-late': 'the generator was late, which response times hold',
  'quantile-of-survivors': 'quantiles leave out the requests that were not done',
  'water-level-unknown': 'the water-level is not known',
  'water-level-bracket-widened': 'the bracket of the water-level is wider for a level that could not be judged',
  'water-level-not-monotone': 'a level above one that missed held again',
  'water-level-beyond-range': 'the water-level lies beyond the loads tried',
  'saturation-unknown': 'the saturation is not known',
  'saturation-bracket-widened': 'the bracket of the saturation is wider for a level that could not be judged',
  'saturation-not-monotone': 'a level above one that fell behind was kept up with again',
  'saturation-beyond-range': 'saturation lies beyond the loads tried',
  'target-not-measured': 'nothing was collected of the target',
  'several-instances': 'several instances answered behind one address',
  'server-differs': 'the target’s own histogram says otherwise',
  'signal-missing': 'a signal was not among what was collected',
  'few-gc-cycles': 'few GC cycles to go by',
  'hold-time-unknown': 'hold time unknown',
  'database-partly-hidden': 'sessions of the database that its role may not look into',
  'host-busy': 'processors that other programs kept busy',
  'counter-restarted': 'a counter restarted',
  'scrape-undecodable': 'some readings could not be decoded',
  'stage-too-short': 'stages too short for a p99',
  'objective-undecidable': 'too few requests are planned to decide an objective',
  'rate-not-proven': 'a rate beyond what the generator was measured to hold',
  'ports-may-run-out': 'this machine’s ports may run out',
  'connections-may-limit': 'fewer connections than the highest rate may need',
  'many-connections': 'so many connections that they cost the target memory',
  'no-objectives': 'nothing was asked of the service',
  'single-source': 'only one measurement says so; a second, independent one would settle it',
  'measurement-missing': 'a measurement it needs is missing',
  'hint-only': 'worth a look, no proof',
};

const collectors: Readonly<Record<string, string>> = {
  prometheus: 'Prometheus metrics',
  expvar: 'expvar',
  pprof: 'pprof profiles',
  process: 'process (/proc)',
  cgroup: 'control group',
  sockets: 'sockets',
  postgres: 'PostgreSQL',
  gctrace: 'GC trace',
};

const profiles: Readonly<Record<string, string>> = {
  cpu: 'CPU',
  heap: 'live heap',
  allocs: 'allocations',
  goroutine: 'goroutines',
  mutex: 'mutex contention',
  block: 'blocking',
};

export const sayLimiter = (signal: string): string => say(limiters, signal);
/** '' for a signal that is not known. */
export const sayMeasure = (signal: string): string => (Object.hasOwn(measures, signal) ? say(measures, signal) : '');
export const sayLaw = (model: string): string => say(laws, model);
export const sayFailure = (kind: string): string => say(failures, kind);
export const sayAbort = (code: string): string => say(aborts, code);
export const sayValidity = (reason: string): string => say(validity, reason);
export const sayWarning = (code: string): string => say(warnings, code);
export const sayCollector = (name: string): string => say(collectors, name);
export const sayProfile = (kind: string): string => say(profiles, kind);
