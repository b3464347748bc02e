/** A part of what a Go service can say of itself, and the Prometheus metric that shows whether it does. */
export interface MetricFamily {
  readonly family: string;
  /** As client_golang names it; the first sample that begins with it counts as present. */
  readonly metric: string;
  /** What in client_golang exposes it: `NewGoCollector` alone gives only the first few runtime metrics. */
  readonly exposedBy:
    | 'NewGoCollector'
    | 'WithGoCollectorRuntimeMetrics(MetricsAll)'
    | 'NewProcessCollector'
    | 'NewDBStatsCollector';
}

const all = 'WithGoCollectorRuntimeMetrics(MetricsAll)';

/** Looked for by the target probe; names checked against client_golang 1.25 on Go 1.26. */
export const metricFamilies: readonly MetricFamily[] = [
  { family: 'Go version', metric: 'go_info', exposedBy: 'NewGoCollector' },
  { family: 'goroutines', metric: 'go_goroutines', exposedBy: 'NewGoCollector' },
  { family: 'memory statistics', metric: 'go_memstats_heap_alloc_bytes', exposedBy: 'NewGoCollector' },
  { family: 'GOMAXPROCS', metric: 'go_sched_gomaxprocs_threads', exposedBy: 'NewGoCollector' },
  { family: 'GC cycles', metric: 'go_gc_cycles_total_gc_cycles_total', exposedBy: all },
  { family: 'live heap', metric: 'go_gc_heap_live_bytes', exposedBy: all },
  { family: 'heap goal', metric: 'go_gc_heap_goal_bytes', exposedBy: all },
  { family: 'allocated bytes', metric: 'go_gc_heap_allocs_bytes_total', exposedBy: all },
  { family: 'scannable bytes', metric: 'go_gc_scan_total_bytes', exposedBy: all },
  { family: 'GC CPU', metric: 'go_cpu_classes_gc_total_cpu_seconds_total', exposedBy: all },
  { family: 'GC limiter', metric: 'go_gc_limiter_last_enabled_gc_cycle', exposedBy: all },
  { family: 'GC pauses', metric: 'go_sched_pauses_total_gc_seconds', exposedBy: all },
  { family: 'scheduling latency', metric: 'go_sched_latencies_seconds', exposedBy: all },
  { family: 'mutex wait', metric: 'go_sync_mutex_wait_total_seconds_total', exposedBy: all },
  { family: 'runnable goroutines', metric: 'go_sched_goroutines_runnable_goroutines', exposedBy: all },
  { family: 'memory classes', metric: 'go_memory_classes_total_bytes', exposedBy: all },
  { family: 'process CPU', metric: 'process_cpu_seconds_total', exposedBy: 'NewProcessCollector' },
  { family: 'resident memory', metric: 'process_resident_memory_bytes', exposedBy: 'NewProcessCollector' },
  { family: 'open files', metric: 'process_open_fds', exposedBy: 'NewProcessCollector' },
  { family: 'start time', metric: 'process_start_time_seconds', exposedBy: 'NewProcessCollector' },
  { family: 'database pool', metric: 'go_sql_wait_count_total', exposedBy: 'NewDBStatsCollector' },
];

/** Splits the families by whether a metrics text has them. Only looks for names; decoding is the analysis's. */
export function presentFamilies(text: string): {
  readonly present: readonly MetricFamily[];
  readonly missing: readonly MetricFamily[];
} {
  const isPresent = ({ metric }: MetricFamily): boolean =>
    new RegExp(`^${metric}(?:_bucket|_count|_sum)?[ {]`, 'm').test(text);
  return {
    present: metricFamilies.filter(isPresent),
    missing: metricFamilies.filter((family) => !isPresent(family)),
  };
}
