import { readFile } from 'node:fs/promises';
import test from 'ava';
import { type CollectorName, type Scrape, collectorNames } from '../../model/measurements.ts';
import { bytes, epochMilliseconds, milliseconds } from '../../model/units.ts';
import { decodeScrapes } from './decode-scrapes.ts';
import { histogramIn } from './histogram-series.ts';
import type { Signal } from './signal.ts';
import { type TargetSignals, targetSignals } from './target-signals.ts';

const read = (path: string): Promise<string> => readFile(new URL(`../../${path}`, import.meta.url), 'utf8');
const scrape = (collector: CollectorName, at: number, body: string, source: string = collector): Scrape => ({
  collector,
  source,
  at: epochMilliseconds(at),
  durationMs: milliseconds(0),
  bytes: bytes(0),
  contentType: null,
  body,
  error: null,
});
const signalsOf = (...scrapes: readonly Scrape[]): TargetSignals => targetSignals(decodeScrapes(scrapes));

const [idle, loaded, byDefault, expvar, gctrace, record] = await Promise.all(
  [
    'captures/metrics-idle.txt',
    'captures/metrics-loaded.txt',
    'captures/metrics-default.txt',
    'captures/expvar.json',
    'captures/gctrace.txt',
  ]
    .map((path) => `fixtures/${path}`)
    .concat('docs/run-record.md')
    .map(read),
);
const documented = (heading: string): string =>
  /```json\n(.*?)```/s.exec((record ?? '').slice((record ?? '').indexOf(`### ${heading}`)))?.[1] ?? '';
const gctraceLines = (gctrace ?? '').split('\n').filter((line) => line.startsWith('gc '));

const all = [
  scrape('prometheus', 1000, idle ?? ''),
  scrape('prometheus', 2000, loaded ?? ''),
  scrape('expvar', 1000, expvar ?? ''),
  ...gctraceLines.map((line, index) => scrape('gctrace', 1000 + index, line)),
  scrape('process', 1000, documented('Process')),
  scrape('cgroup', 1000, documented('Control group and host')),
  scrape('sockets', 1000, documented('Sockets')),
  scrape('postgres', 1000, documented('PostgreSQL')),
];

/** Every signal by its path, such as gc.cpu.totalMs. */
function flatten(value: unknown, path = ''): [string, Signal][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
  if (isSignal(value)) return [[path, value]];
  return Object.entries(value).flatMap(([key, each]) => flatten(each, path === '' ? key : `${path}.${key}`));
}
const isSignal = (value: object): value is Signal => 'series' in value && 'provenance' in value && 'unit' in value;

const last = (signal: Signal | null | undefined): number | undefined => signal?.series.values.at(-1);
const from = (signal: Signal | null | undefined): string => signal?.provenance.metrics.join(' − ') ?? 'nothing';

const bestSources = {
  'process.cpuMs': 'process_cpu_seconds_total',
  'process.startedAt': 'process_start_time_seconds',
  'process.rssBytes': 'process_resident_memory_bytes',
  'process.rssPeakBytes': 'rssPeakBytes',
  'process.threads': 'go_sched_threads_total_threads',
  'process.openFiles': 'process_open_fds',
  'process.openFilesLimit': 'process_max_fds',
  'process.openFilesListed': 'openFiles',
  'process.minorFaults': 'minorFaults',
  'process.majorFaults': 'majorFaults',
  'process.voluntaryContextSwitches': 'voluntaryContextSwitches',
  'process.involuntaryContextSwitches': 'involuntaryContextSwitches',
  'process.runQueueWaitMs': 'runQueueWaitMs',
  'memory.allocBytes': 'go_gc_heap_allocs_bytes_total',
  'memory.allocObjects': 'go_gc_heap_allocs_objects_total',
  'memory.liveHeapBytes': 'go_gc_heap_live_bytes',
  'memory.heapGoalBytes': 'go_gc_heap_goal_bytes',
  'memory.heapObjectsBytes': 'go_memory_classes_heap_objects_bytes',
  'memory.heapFreeBytes': 'go_memory_classes_heap_free_bytes',
  'memory.stacksInUseBytes': 'go_memory_classes_heap_stacks_bytes',
  'memory.runtimeBytes': 'go_memory_classes_total_bytes − go_memory_classes_heap_released_bytes',
  'memory.scannableBytes': 'go_gc_scan_total_bytes',
  'memory.scannableStackBytes': 'go_gc_scan_stack_bytes',
  'memory.scannableGlobalsBytes': 'go_gc_scan_globals_bytes',
  'gc.cycles': 'go_gc_cycles_total_gc_cycles_total',
  'gc.forcedCycles': 'go_gc_cycles_forced_gc_cycles_total',
  'gc.cpu.totalMs': 'go_cpu_classes_gc_total_cpu_seconds_total',
  'gc.cpu.idleMs': 'go_cpu_classes_gc_mark_idle_cpu_seconds_total',
  'gc.cpu.assistMs': 'go_cpu_classes_gc_mark_assist_cpu_seconds_total',
  'gc.cpu.availableMs': 'go_cpu_classes_total_cpu_seconds_total',
  'gc.cpuShareSinceStart': 'memstats.GCCPUFraction',
  'gc.pauseTotalMs': 'go_gc_duration_seconds_sum',
  'gc.limiterLastEnabledCycle': 'go_gc_limiter_last_enabled_gc_cycle',
  'gc.gogcPercent': 'go_gc_gogc_percent',
  'gc.memoryLimitBytes': 'go_gc_gomemlimit_bytes',
  'scheduler.goroutines': 'go_sched_goroutines_goroutines',
  'scheduler.goroutinesByState.runnable': 'go_sched_goroutines_runnable_goroutines',
  'scheduler.goroutinesByState.running': 'go_sched_goroutines_running_goroutines',
  'scheduler.goroutinesByState.waiting': 'go_sched_goroutines_waiting_goroutines',
  'scheduler.goroutinesByState.notInGo': 'go_sched_goroutines_not_in_go_goroutines',
  'scheduler.goroutinesCreated': 'go_sched_goroutines_created_goroutines_total',
  'scheduler.gomaxprocs': 'go_sched_gomaxprocs_threads',
  'scheduler.mutexWaitMs': 'go_sync_mutex_wait_total_seconds_total',
};

test('with everything collected every signal is known, from its best source', (t) => {
  const signals = signalsOf(...all);
  const { process, memory, gc, scheduler, cgroup, host, sockets } = signals;
  const postgres = signals.postgres ?? {};
  const missing = Object.entries({ process, memory, gc, scheduler, cgroup, postgres }).flatMap(([group, each]) =>
    Object.entries(each).flatMap(([name, value]) => (value === null ? [`${group}.${name}`] : [])),
  );
  t.deepEqual(missing, []);
  const sources = flatten({ process, memory, gc, scheduler }).map(([path, signal]) => [path, from(signal)]);
  t.deepEqual(Object.fromEntries(sources), bestSources);
  t.is(signals.goVersion?.version, 'go1.26.8');
  t.is(host.processors.length, 1);
  t.is(sockets.server['CLOSE_WAIT']?.series.values[0], 1);
  t.is(gc.pauses?.provenance.metrics[0], 'go_sched_pauses_total_gc_seconds');
});

test('durations are milliseconds and sizes bytes', (t) => {
  const { process, memory, gc, scheduler } = signalsOf(...all);
  t.is(last(process.cpuMs), 420);
  t.is(last(gc.pauseTotalMs), 20.91444);
  t.is(last(scheduler.mutexWaitMs), 6433.273416);
  t.is(last(memory.runtimeBytes), 17_668_360 - 6_381_568);
  t.is(last(gc.memoryLimitBytes), 512 * 1024 ** 2);
  t.is(last(process.startedAt), 1_795_254_424_410);
});

test('without runtime/metrics what every client_golang exposes is used', (t) => {
  const { process, memory, gc, scheduler } = signalsOf(scrape('prometheus', 1, byDefault ?? ''));
  t.is(from(memory.allocBytes), 'go_memstats_alloc_bytes_total');
  t.is(from(memory.heapGoalBytes), 'go_memstats_next_gc_bytes');
  t.is(from(memory.runtimeBytes), 'go_memstats_sys_bytes − go_memstats_heap_released_bytes');
  t.is(from(gc.cycles), 'go_gc_duration_seconds_count');
  t.is(from(gc.gogcPercent), 'go_gc_gogc_percent');
  t.is(from(scheduler.goroutines), 'go_goroutines');
  t.is(from(process.threads), 'go_threads');
  t.is(gc.cpu, null);
  t.is(memory.liveHeapBytes, null);
  t.is(scheduler.latency, null);
  t.is(gc.pauses, null);
});

test('without GOMEMLIMIT the limit is infinite', (t) => {
  t.is(last(signalsOf(scrape('prometheus', 1, byDefault ?? '')).gc.memoryLimitBytes), Infinity);
  t.is(last(signalsOf(scrape('prometheus', 1, 'go_gc_gogc_percent 1.8446744073709552e+19')).gc.gogcPercent), Infinity);
});

test('then expvar, then gctrace, then /proc', (t) => {
  const published = signalsOf(
    scrape('expvar', 1, expvar ?? ''),
    ...all.filter(({ collector }) => collector === 'gctrace'),
  );
  t.is(from(published.memory.allocBytes), 'memstats.TotalAlloc');
  t.is(from(published.memory.runtimeBytes), 'memstats.Sys − memstats.HeapReleased');
  t.is(last(published.gc.pauseTotalMs), 79.194051);
  t.is(from(published.memory.liveHeapBytes), 'heapMarkedBytes');
  t.is(from(published.gc.cpu?.totalMs), 'gcCpuMs');
  t.is(published.gc.cpu?.availableMs, null);
  const traced = signalsOf(...all.filter(({ collector }) => collector === 'gctrace'));
  t.is(last(traced.gc.cycles), 175);
  t.is(last(traced.scheduler.gomaxprocs), 2);
  t.is(traced.gcPauses?.pauses.length, 175);
  t.is(traced.gcPauses?.missed, 0);
  const kernel = signalsOf(scrape('process', 1, documented('Process')));
  t.is(last(kernel.process.cpuMs), 11_170);
  t.is(last(kernel.process.openFiles), 71);
});

test('pauses one by one come from the rings of expvar where there are two readings', (t) => {
  const earlier = (expvar ?? '').replace('"NumGC":171', '"NumGC":168');
  const { gcPauses } = signalsOf(scrape('expvar', 1, earlier), scrape('expvar', 2, expvar ?? ''));
  t.is(gcPauses?.provenance.collector, 'expvar');
  t.is(gcPauses?.pauses.length, 3);
  t.is(signalsOf(scrape('expvar', 1, expvar ?? '')).gcPauses, null);
});

test('nothing collected is nothing known, and no error', (t) => {
  const signals = signalsOf();
  t.deepEqual(flatten(signals), []);
  t.is(signals.goVersion, null);
  t.deepEqual(signals.pools, []);
  t.deepEqual(signals.restarts, { restarts: [], severalInstances: false });
});

test('a metric of several processes in one page is not taken for that of one', (t) => {
  const page = 'process_cpu_seconds_total{pod="a"} 1\nprocess_cpu_seconds_total{pod="b"} 2\ngo_goroutines{pod="a"} 3\n';
  const { process, scheduler } = signalsOf(scrape('prometheus', 1, page));
  t.is(process.cpuMs, null);
  t.is(last(scheduler.goroutines), 3);
});

test('of several sources the one that was read first counts, and the signal says which', (t) => {
  const { scheduler } = signalsOf(
    scrape('prometheus', 1, 'go_goroutines 1', 'target'),
    scrape('prometheus', 0, 'go_goroutines 2', 'stub'),
  );
  t.is(last(scheduler.goroutines), 1);
  t.is(scheduler.goroutines?.provenance.source, 'target');
});

test('histograms of the runtime are in milliseconds', (t) => {
  const { scheduler } = signalsOf(...all);
  const window = { from: epochMilliseconds(0), to: epochMilliseconds(9e12) };
  const increase = scheduler.latency === null ? null : histogramIn(scheduler.latency.histogram, window);
  t.is(increase?.total, 9418);
  t.true(Math.abs((increase?.upperBounds.at(-2) ?? 0) - 117.440512) < 1e-9);
});

test('the deprecated histogram of pauses is used where the new one is missing', (t) => {
  const old = (loaded ?? '').replaceAll('go_sched_pauses_total_gc_seconds', 'something_else');
  t.is(signalsOf(scrape('prometheus', 1, old)).gc.pauses?.provenance.metrics[0], 'go_gc_pauses_seconds');
});

test('accept overflows are those of the namespace the target is in', (t) => {
  const body: Record<string, unknown> = Object.assign({}, JSON.parse(documented('Sockets')));
  const own = { ...body, namespace: 'separate', serverTcpExtended: { ListenOverflows: 5 } };
  t.is(
    from(signalsOf(scrape('sockets', 1, JSON.stringify(body))).sockets.acceptOverflows),
    'tcpExtended.ListenOverflows',
  );
  t.is(last(signalsOf(scrape('sockets', 1, JSON.stringify(own))).sockets.acceptOverflows), 5);
});

test('all collectors are among what was tested', (t) => {
  t.deepEqual([...new Set(all.map(({ collector }) => collector))].toSorted(), collectorNames.toSorted());
});
