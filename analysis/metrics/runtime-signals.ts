import { nanoseconds, seconds } from '../../model/units.ts';
import type { Candidate, SignalFinder } from './find-signal.ts';
import type { HistogramSignal, Signal } from './signal.ts';

/*
 * What the Go runtime and the process say of themselves. Each signal has its ways to be known in the order of trust:
 * runtime/metrics by their Prometheus names, the names every client_golang exposes (go_memstats_*), MemStats through
 * expvar, gctrace lines, /proc. Names: prometheus/client_golang's golden list for Go 1.26.
 */

export interface ProcessSignals {
  /** User and system time of the process, as the kernel counts it; a counter. */
  readonly cpuMs: Signal | null;
  readonly startedAt: Signal | null;
  readonly rssBytes: Signal | null;
  readonly rssPeakBytes: Signal | null;
  readonly threads: Signal | null;
  readonly openFiles: Signal | null;
  /** The kernel's list of it, read from outside. */
  readonly openFilesListed: Signal | null;
  readonly openFilesLimit: Signal | null;
  readonly minorFaults: Signal | null;
  readonly majorFaults: Signal | null;
  readonly voluntaryContextSwitches: Signal | null;
  readonly involuntaryContextSwitches: Signal | null;
  /** Time its threads were ready but waited for a processor, summed over threads. */
  readonly runQueueWaitMs: Signal | null;
}

export interface MemorySignals {
  /** Counters of what was ever allocated on the heap. */
  readonly allocBytes: Signal | null;
  readonly allocObjects: Signal | null;
  /** Heap marked by the last collection. */
  readonly liveHeapBytes: Signal | null;
  readonly heapGoalBytes: Signal | null;
  /** Live objects and dead ones not yet swept. */
  readonly heapObjectsBytes: Signal | null;
  /** Heap that holds nothing and was not given back: neither objects nor released. */
  readonly heapFreeBytes: Signal | null;
  readonly stacksInUseBytes: Signal | null;
  /** What counts against GOMEMLIMIT: all memory of the runtime minus what it gave back. */
  readonly runtimeBytes: Signal | null;
  /** Roots and heap that a collection has to look at. */
  readonly scannableBytes: Signal | null;
  readonly scannableStackBytes: Signal | null;
  readonly scannableGlobalsBytes: Signal | null;
}

/**
 * CPU time of the garbage collector by the runtime's own estimate; counters, all of one source. They move only when a
 * collection ends and overestimate, so compare them among themselves and never with CPU that the kernel counted.
 */
export interface GcCpuSignals {
  /** Includes `idleMs`. */
  readonly totalMs: Signal;
  /** Marking on processors that had nothing else to do: it costs the service nothing. */
  readonly idleMs: Signal | null;
  /** Marking that goroutines were made to do when they allocated. */
  readonly assistMs: Signal | null;
  /** CPU time there was: GOMAXPROCS × wall time; the denominator of a share. */
  readonly availableMs: Signal | null;
}

export interface GcSignals {
  readonly cycles: Signal | null;
  readonly forcedCycles: Signal | null;
  readonly cpu: GcCpuSignals | null;
  /** Share of the CPU since the process began, idle marking excluded; where there is nothing better. */
  readonly cpuShareSinceStart: Signal | null;
  /** Each stop-the-world pause is one sample, two a cycle. */
  readonly pauses: HistogramSignal | null;
  /** Part of the pauses that went into stopping all goroutines. */
  readonly pausesStopping: HistogramSignal | null;
  /** Sum of all stop-the-world time; a counter. */
  readonly pauseTotalMs: Signal | null;
  /** Number of the cycle at which the limiter of the collector's CPU last switched on; 0: never. */
  readonly limiterLastEnabledCycle: Signal | null;
  /** GOGC; Infinity: off. */
  readonly gogcPercent: Signal | null;
  /** GOMEMLIMIT; Infinity: none. */
  readonly memoryLimitBytes: Signal | null;
}

export interface SchedulerSignals {
  readonly goroutines: Signal | null;
  /** Since Go 1.26. */
  readonly goroutinesByState: {
    readonly runnable: Signal | null;
    readonly running: Signal | null;
    readonly waiting: Signal | null;
    readonly notInGo: Signal | null;
  };
  readonly goroutinesCreated: Signal | null;
  readonly gomaxprocs: Signal | null;
  /** Time goroutines were runnable before they ran. */
  readonly latency: HistogramSignal | null;
  /** Time goroutines were blocked on mutexes, summed; a counter. */
  readonly mutexWaitMs: Signal | null;
}

type Way = (metric: string, more?: Omit<Candidate, 'collector' | 'metric'>) => Candidate;
const prometheus: Way = (metric, more) => ({ collector: 'prometheus', metric, ...more });
const memstats: Way = (field, more) => ({
  collector: 'expvar',
  metric: `memstats.${field}`,
  ...more,
  ...(more?.minus === undefined ? {} : { minus: `memstats.${more.minus}` }),
});
const gctrace: Way = (metric, more) => ({ collector: 'gctrace', metric, ...more });
const proc: Way = (metric, more) => ({ collector: 'process', metric, ...more });

/** Settings that are switched off are told as the largest number of their type. */
const offIsInfinite = (value: number): number => (value >= 2 ** 62 ? Infinity : value);

const mebibyteSteps = 'known to 1 MiB only';

export function processSignals(find: SignalFinder): ProcessSignals {
  return {
    cpuMs: find.first('ms', [prometheus('process_cpu_seconds_total', { convert: seconds }), proc('cpuMs')]),
    startedAt: find.first('epoch-ms', [prometheus('process_start_time_seconds', { convert: seconds })]),
    rssBytes: find.first('bytes', [prometheus('process_resident_memory_bytes'), proc('rssBytes')]),
    rssPeakBytes: find.first('bytes', [proc('rssPeakBytes')]),
    threads: find.first('count', [
      prometheus('go_sched_threads_total_threads'),
      proc('threads'),
      prometheus('go_threads', { note: 'threads ever created by the runtime; Go does not end idle ones' }),
    ]),
    openFiles: find.first('count', [prometheus('process_open_fds'), proc('openFiles')]),
    openFilesListed: find.first('count', [proc('openFiles')]),
    openFilesLimit: find.first('count', [prometheus('process_max_fds'), proc('openFilesLimit')]),
    minorFaults: find.first('count', [proc('minorFaults')]),
    majorFaults: find.first('count', [proc('majorFaults')]),
    voluntaryContextSwitches: find.first('count', [proc('voluntaryContextSwitches', { note: endedThreads })]),
    involuntaryContextSwitches: find.first('count', [proc('involuntaryContextSwitches', { note: endedThreads })]),
    runQueueWaitMs: find.first('ms', [proc('runQueueWaitMs', { note: endedThreads })]),
  };
}

const endedThreads = 'a lower bound: what threads counted between the last reading and their end is not known';

export function memorySignals(find: SignalFinder): MemorySignals {
  return {
    allocBytes: find.first('bytes', [
      prometheus('go_gc_heap_allocs_bytes_total'),
      prometheus('go_memstats_alloc_bytes_total'),
      memstats('TotalAlloc'),
    ]),
    allocObjects: find.first('count', [
      prometheus('go_gc_heap_allocs_objects_total', { note: 'tiny objects that share a block count as one' }),
      prometheus('go_memstats_mallocs_total'),
      memstats('Mallocs'),
    ]),
    liveHeapBytes: find.first('bytes', [
      prometheus('go_gc_heap_live_bytes'),
      gctrace('heapMarkedBytes', { note: mebibyteSteps }),
    ]),
    heapGoalBytes: find.first('bytes', [
      prometheus('go_gc_heap_goal_bytes'),
      prometheus('go_memstats_next_gc_bytes'),
      memstats('NextGC'),
      gctrace('heapGoalBytes', { note: mebibyteSteps }),
    ]),
    heapObjectsBytes: find.first('bytes', [
      prometheus('go_memory_classes_heap_objects_bytes'),
      prometheus('go_memstats_heap_alloc_bytes'),
      memstats('HeapAlloc'),
    ]),
    heapFreeBytes: find.first('bytes', [
      prometheus('go_memory_classes_heap_free_bytes'),
      prometheus('go_memstats_heap_idle_bytes', { minus: 'go_memstats_heap_released_bytes' }),
      memstats('HeapIdle', { minus: 'HeapReleased' }),
    ]),
    stacksInUseBytes: find.first('bytes', [
      prometheus('go_memory_classes_heap_stacks_bytes'),
      prometheus('go_memstats_stack_inuse_bytes'),
      memstats('StackInuse'),
    ]),
    runtimeBytes: find.first('bytes', [
      prometheus('go_memory_classes_total_bytes', { minus: 'go_memory_classes_heap_released_bytes' }),
      prometheus('go_memstats_sys_bytes', { minus: 'go_memstats_heap_released_bytes' }),
      memstats('Sys', { minus: 'HeapReleased' }),
    ]),
    scannableBytes: find.first('bytes', [prometheus('go_gc_scan_total_bytes')]),
    scannableStackBytes: find.first('bytes', [
      prometheus('go_gc_scan_stack_bytes'),
      gctrace('stacksBytes', { note: mebibyteSteps }),
    ]),
    scannableGlobalsBytes: find.first('bytes', [
      prometheus('go_gc_scan_globals_bytes'),
      gctrace('globalsBytes', { note: mebibyteSteps }),
    ]),
  };
}

export function gcSignals(find: SignalFinder): GcSignals {
  return {
    cycles: find.first('count', [
      prometheus('go_gc_cycles_total_gc_cycles_total'),
      prometheus('go_gc_duration_seconds_count'),
      memstats('NumGC'),
      gctrace('cycles'),
    ]),
    forcedCycles: find.first('count', [
      prometheus('go_gc_cycles_forced_gc_cycles_total'),
      memstats('NumForcedGC'),
      gctrace('forcedCycles'),
    ]),
    cpu: gcCpu(find),
    cpuShareSinceStart: find.first('ratio', [memstats('GCCPUFraction')]),
    pauses: find.firstHistogram('ms', [
      prometheus('go_sched_pauses_total_gc_seconds', { convert: seconds }),
      prometheus('go_gc_pauses_seconds', { convert: seconds }),
      // Its name in client_golang before 1.12.
      prometheus('go_gc_pauses_seconds_total', { convert: seconds }),
    ]),
    pausesStopping: find.firstHistogram('ms', [
      prometheus('go_sched_pauses_stopping_gc_seconds', { convert: seconds }),
    ]),
    pauseTotalMs: find.first('ms', [
      prometheus('go_gc_duration_seconds_sum', { convert: seconds }),
      memstats('PauseTotalNs', { convert: nanoseconds }),
      gctrace('pauseMs'),
    ]),
    limiterLastEnabledCycle: find.first('count', [prometheus('go_gc_limiter_last_enabled_gc_cycle')]),
    gogcPercent: find.first('percent', [prometheus('go_gc_gogc_percent', { convert: offIsInfinite })]),
    memoryLimitBytes: find.first('bytes', [prometheus('go_gc_gomemlimit_bytes', { convert: offIsInfinite })]),
  };
}

/** All four from one source: they are comparable only among themselves. */
function gcCpu(find: SignalFinder): GcCpuSignals | null {
  const note = 'updated when a collection ends; comparable only with other CPU figures of the runtime';
  const ofRuntime = (path: string): Signal | null =>
    find.first('ms', [prometheus(`go_cpu_classes_${path}_cpu_seconds_total`, { convert: seconds, note })]);
  const totalMs = ofRuntime('gc_total');
  if (totalMs !== null) {
    return {
      totalMs,
      idleMs: ofRuntime('gc_mark_idle'),
      assistMs: ofRuntime('gc_mark_assist'),
      availableMs: ofRuntime('total'),
    };
  }
  const traced = find.first('ms', [gctrace('gcCpuMs')]);
  if (traced === null) return null;
  return {
    totalMs: traced,
    idleMs: find.first('ms', [gctrace('gcIdleCpuMs')]),
    assistMs: find.first('ms', [gctrace('gcAssistCpuMs')]),
    availableMs: null,
  };
}

export function schedulerSignals(find: SignalFinder): SchedulerSignals {
  const inState = (state: string): Signal | null =>
    find.first('count', [prometheus(`go_sched_goroutines_${state}_goroutines`)]);
  return {
    goroutines: find.first('count', [
      prometheus('go_sched_goroutines_goroutines'),
      prometheus('go_goroutines'),
      // OpenTelemetry's names, new and old.
      prometheus('go_goroutine_count'),
      prometheus('process_runtime_go_goroutines'),
    ]),
    goroutinesByState: {
      runnable: inState('runnable'),
      running: inState('running'),
      waiting: inState('waiting'),
      notInGo: inState('not_in_go'),
    },
    goroutinesCreated: find.first('count', [prometheus('go_sched_goroutines_created_goroutines_total')]),
    gomaxprocs: find.first('count', [
      prometheus('go_sched_gomaxprocs_threads'),
      prometheus('go_processor_limit'),
      gctrace('processors'),
    ]),
    latency: find.firstHistogram('ms', [prometheus('go_sched_latencies_seconds', { convert: seconds })]),
    mutexWaitMs: find.first('ms', [prometheus('go_sync_mutex_wait_total_seconds_total', { convert: seconds })]),
  };
}
