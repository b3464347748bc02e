import { type EpochMilliseconds, between, inSeconds, milliseconds } from '../../model/units.ts';
import type { Series } from '../../model/series.ts';
import type { SignalSeries } from '../analysis.ts';
import { differenceOfSeries } from '../metrics/combine-series.ts';
import type { PoolSignals } from '../metrics/pool-signals.ts';
import type { Signal } from '../metrics/signal.ts';
import type { TargetSignals } from '../metrics/target-signals.ts';
import { defineAnalyzer } from './analyzer.ts';

type Chart = Omit<SignalSeries, 'points'>;
interface Point {
  readonly at: EpochMilliseconds;
  readonly value: number;
}

/** More points than this nobody can see, and the report would grow with the run. */
const mostPoints = 1200;

/** The target's signals over the whole run, for charts; what was not collected has no series. */
export const signalCharts = defineAnalyzer({
  name: 'signal-charts',
  needs: ['traffic', 'signals'],
  wants: [],
  answer: ({ traffic, signals }): readonly SignalSeries[] => {
    const { startedAt } = traffic.measurement;
    return [
      ...gauges(signals),
      ...rates(signals),
      ...signals.pools.flatMap(poolCharts),
      ...databaseCharts(signals),
      ...hostCharts(signals),
    ].flatMap(({ chart, points }): SignalSeries[] => {
      const shown = thin(points.filter(({ value }) => Number.isFinite(value)));
      return shown.length === 0
        ? []
        : [{ ...chart, points: shown.map(({ at, value }) => ({ second: inSeconds(between(startedAt, at)), value })) }];
    });
  },
});

interface Charted {
  readonly chart: Chart;
  readonly points: readonly Point[];
}

function gauges({ process, memory, scheduler, sockets }: TargetSignals): Charted[] {
  return [
    gauge('rss', 'Resident memory', 'memory', 'B', process.rssBytes),
    gauge('live-heap', 'Live heap', 'memory', 'B', memory.liveHeapBytes),
    gauge('heap-goal', 'Heap goal', 'memory', 'B', memory.heapGoalBytes),
    gauge('runtime-memory', 'Memory of the Go runtime', 'memory', 'B', memory.runtimeBytes),
    gauge('goroutines', 'Goroutines', 'goroutines', '1', scheduler.goroutines),
    gauge('goroutines-runnable', 'Goroutines ready to run', 'goroutines', '1', scheduler.goroutinesByState.runnable),
    gauge('threads', 'Threads', 'goroutines', '1', process.threads),
    gauge('open-files', 'Open files', 'sockets', '1', process.openFiles),
    gauge('accept-queue', 'Connections waiting to be accepted', 'sockets', '1', sockets.acceptQueue),
    gauge('connections', 'Established connections', 'sockets', '1', sockets.server['ESTABLISHED'] ?? null),
    gauge('time-wait', 'Connections in TIME_WAIT', 'sockets', '1', sockets.client['TIME_WAIT'] ?? null),
  ];
}

function rates({ process, gc, scheduler, cgroup, memory }: TargetSignals): Charted[] {
  const compulsory =
    gc.cpu === null || gc.cpu.idleMs === null
      ? gc.cpu?.totalMs.series
      : differenceOfSeries(gc.cpu.totalMs.series, gc.cpu.idleMs.series);
  return [
    // CPU milliseconds per second are thousandths of a processor.
    rate('cpu-cores', 'Processors used', 'cpu', '1', process.cpuMs?.series, inCores),
    rate('throttled', 'Throttled periods', 'cpu', '1/s', cgroup.throttledPeriods?.series),
    rate('gc-cycles', 'Garbage collections', 'garbage-collection', '1/s', gc.cycles?.series),
    {
      chart: {
        name: 'gc-cpu-share',
        title: 'CPU share of the garbage collector',
        group: 'garbage-collection',
        unit: 'ratio',
      },
      points: shares(compulsory, gc.cpu?.availableMs?.series),
    },
    rate('allocation', 'Allocated', 'memory', 'B/s', memory.allocBytes?.series),
    rate('mutex-wait', 'Waiting for mutexes', 'goroutines', 'ms/s', scheduler.mutexWaitMs?.series),
  ];
}

function poolCharts(pool: PoolSignals): Charted[] {
  return [
    gauge(`pool-in-use:${pool.name}`, `Connections in use, ${pool.name}`, 'pools', '1', pool.inUse),
    rate(`pool-wait:${pool.name}`, `Waiting for a connection, ${pool.name}`, 'pools', 'ms/s', pool.waitMs?.series),
  ];
}

function databaseCharts({ postgres }: TargetSignals): Charted[] {
  return postgres === null
    ? []
    : [
        gauge('database-active', 'Sessions of the database, active', 'database', '1', postgres.active),
        gauge(
          'database-idle-in-transaction',
          'Sessions of the database, idle in a transaction',
          'database',
          '1',
          postgres.idleInTransaction,
        ),
        gauge(
          'database-lock-waits',
          'Sessions of the database, waiting for a lock',
          'database',
          '1',
          postgres.lockWaits,
        ),
      ];
}

function hostCharts({ host }: TargetSignals): Charted[] {
  return host.processors.map(({ name, busyMs }) =>
    rate(`host-cpu:${name}`, `Busy share of ${name}`, 'host', 'ratio', busyMs.series, inCores),
  );
}

const inCores = (millisecondsPerSecond: number): number => inSeconds(milliseconds(millisecondsPerSecond));

function gauge(name: string, title: string, group: Chart['group'], unit: string, signal: Signal | null): Charted {
  return { chart: { name, title, group, unit }, points: signal === null ? [] : pointsOf(signal.series) };
}

function pointsOf({ at, values }: Series): Point[] {
  return at.map((instant, index) => ({ at: instant, value: values[index] ?? Number.NaN }));
}

/** From reading to reading, at the later one; a counter that fell gives no point. */
function rate(
  name: string,
  title: string,
  group: Chart['group'],
  unit: string,
  series: Series | undefined,
  convert: (perSecond: number) => number = (perSecond) => perSecond,
): Charted {
  const points = steps(series).map(({ at, by, lasted }) => ({ at, value: convert(by / lasted) }));
  return { chart: { name, title, group, unit }, points };
}

function steps(
  series: Series | undefined,
): { readonly at: EpochMilliseconds; readonly by: number; readonly lasted: number }[] {
  if (series === undefined) return [];
  return pointsOf(series).flatMap(({ at, value }, index, all) => {
    const before = all[index - 1];
    const lasted = before === undefined ? 0 : inSeconds(between(before.at, at));
    return before === undefined || lasted <= 0 || value < before.value
      ? []
      : [{ at, by: value - before.value, lasted }];
  });
}

/** Of two counters that move together, from one change to the next. */
function shares(part: Series | undefined, whole: Series | undefined): Point[] {
  if (part === undefined || whole === undefined) return [];
  const moved = new Map(steps(whole).map(({ at, by }) => [at, by]));
  return steps(part).flatMap(({ at, by }) => {
    const of = moved.get(at) ?? 0;
    return of > 0 ? [{ at, value: by / of }] : [];
  });
}

/** The largest of each of at most `mostPoints` equal runs, so that no peak is lost. */
function thin(points: readonly Point[]): readonly Point[] {
  if (points.length <= mostPoints) return points;
  return Array.from({ length: mostPoints }, (_, index) => {
    const run = points.slice(
      Math.floor((index * points.length) / mostPoints),
      Math.floor(((index + 1) * points.length) / mostPoints),
    );
    return run.reduce((largest, point) => (point.value > largest.value ? point : largest));
  });
}
