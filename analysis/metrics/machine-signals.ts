import type { Series } from '../../model/series.ts';
import { sumOfSeries } from './combine-series.ts';
import type { DecodedScrapes } from './decode-scrapes.ts';
import type { Candidate, SignalFinder } from './find-signal.ts';
import type { Labels } from './series-table.ts';
import type { Provenance, Signal, SignalUnit } from './signal.ts';

/** Of the control group the target is in, which may hold more than the target. */
export interface CgroupSignals {
  readonly cpuMs: Signal | null;
  /** Infinity: no limit. */
  readonly cpuLimitCores: Signal | null;
  /** Enforcement periods in which it wanted to run, and those in which it was held back; counters. */
  readonly periods: Signal | null;
  readonly throttledPeriods: Signal | null;
  readonly throttledMs: Signal | null;
  readonly memoryBytes: Signal | null;
  readonly memoryPeakBytes: Signal | null;
  /** Infinity: no limit. */
  readonly memoryLimitBytes: Signal | null;
  /** Page cache that can be dropped at once: memory − this is the working set. */
  readonly inactiveFileBytes: Signal | null;
  readonly outOfMemoryKills: Signal | null;
  readonly pressure: PressureSignals;
}

/** Time in which some task (or all of them) waited for a resource; counters. */
export interface PressureSignals {
  readonly cpuSomeMs: Signal | null;
  readonly memorySomeMs: Signal | null;
  readonly memoryFullMs: Signal | null;
  readonly ioSomeMs: Signal | null;
  readonly ioFullMs: Signal | null;
}

/** The machine plimsoll runs on; the target's too, where it runs here. */
export interface HostSignals {
  /** Counters of busy and idle time of each processor. Waiting for input and output is idle, stolen time is neither. */
  readonly processors: readonly {
    readonly name: string;
    readonly busyMs: Signal;
    readonly idleMs: Signal;
    readonly stolenMs: Signal;
  }[];
  readonly contextSwitches: Signal | null;
  readonly memoryAvailableBytes: Signal | null;
  readonly pressure: PressureSignals;
}

export interface SocketSignals {
  /** Sockets by the kernel's name of their state; `server`: the target's ends, `client`: the generator's. */
  readonly server: Readonly<Record<string, Signal>>;
  readonly client: Readonly<Record<string, Signal>>;
  /** Connections waiting to be accepted, over all addresses that listen. */
  readonly acceptQueue: Signal | null;
  /** Connections refused because that queue was full; a counter of the target's network namespace. */
  readonly acceptOverflows: Signal | null;
  readonly acceptDrops: Signal | null;
  readonly retransmittedSegments: Signal | null;
  /** Connections opened from this network, not accepted. */
  readonly activeOpens: Signal | null;
}

export function cgroupSignals(find: SignalFinder): CgroupSignals {
  const signal = (unit: SignalUnit, metric: string, labels: Labels = {}): Signal | null =>
    find.first(unit, [{ collector: 'cgroup', metric, labels, note: 'may hold more than the target' }]);
  return {
    cpuMs: signal('ms', 'cpu.usageMs'),
    cpuLimitCores: signal('cores', 'cpu.limitCores'),
    periods: signal('count', 'cpu.periods'),
    throttledPeriods: signal('count', 'cpu.throttledPeriods'),
    throttledMs: signal('ms', 'cpu.throttledMs'),
    memoryBytes: signal('bytes', 'memory.currentBytes'),
    memoryPeakBytes: signal('bytes', 'memory.peakBytes'),
    memoryLimitBytes: signal('bytes', 'memory.limitBytes'),
    inactiveFileBytes: signal('bytes', 'memory.inactiveFileBytes'),
    outOfMemoryKills: signal('count', 'memory.events', { event: 'oom_kill' }),
    pressure: pressureSignals(find, 'pressureMs'),
  };
}

function pressureSignals(find: SignalFinder, metric: string): PressureSignals {
  const signal = (resource: string, kind: string): Signal | null =>
    find.first('ms', [{ collector: 'cgroup', metric, labels: { resource, kind } }]);
  return {
    cpuSomeMs: signal('cpu', 'some'),
    memorySomeMs: signal('memory', 'some'),
    memoryFullMs: signal('memory', 'full'),
    ioSomeMs: signal('io', 'some'),
    ioFullMs: signal('io', 'full'),
  };
}

const idleModes = new Set(['idle', 'ioWait']);

export function hostSignals(find: SignalFinder, decoded: DecodedScrapes): HostSignals {
  const source = decoded.sources.find(({ collector, series }) => collector === 'cgroup' && series.some(isHostCpu));
  const times = source?.series.filter(isHostCpu) ?? [];
  const provenance: Provenance = {
    collector: 'cgroup',
    source: source?.source ?? '',
    metrics: ['host.cpuMs'],
    note: null,
  };
  const processors = [...Map.groupBy(times, ({ labels }) => labels['processor'] ?? '')].flatMap(([name, modes]) => {
    const total = (belongs: (mode: string) => boolean): Signal | null =>
      summed(
        'ms',
        modes.filter(({ labels }) => belongs(labels['mode'] ?? '')),
        provenance,
      );
    const busyMs = total((mode) => !idleModes.has(mode) && mode !== 'steal');
    const idleMs = total((mode) => idleModes.has(mode));
    const stolenMs = total((mode) => mode === 'steal');
    return busyMs === null || idleMs === null || stolenMs === null ? [] : [{ name, busyMs, idleMs, stolenMs }];
  });
  return {
    processors,
    contextSwitches: find.first('count', [{ collector: 'cgroup', metric: 'host.contextSwitches' }]),
    memoryAvailableBytes: find.first('bytes', [{ collector: 'cgroup', metric: 'host.memoryAvailableBytes' }]),
    pressure: pressureSignals(find, 'host.pressureMs'),
  };
}

const isHostCpu = ({ name }: Series): boolean => name === 'host.cpuMs';

function summed(unit: SignalUnit, list: readonly Series[], provenance: Provenance): Signal | null {
  const series = sumOfSeries(list);
  return series === null ? null : { unit, series, provenance };
}

export function socketSignals(find: SignalFinder, decoded: DecodedScrapes): SocketSignals {
  const source = decoded.sources.find(({ collector }) => collector === 'sockets');
  const provenance = (metric: string): Provenance => ({
    collector: 'sockets',
    source: source?.source ?? '',
    metrics: [metric],
    note: null,
  });
  const states = (side: string): Record<string, Signal> =>
    Object.fromEntries(
      (source?.series ?? [])
        .filter(({ name, labels }) => name === 'sockets' && labels['side'] === side)
        .map((series) => [series.labels['state'] ?? '', { unit: 'count', series, provenance: provenance('sockets') }]),
    );
  /** The target's own namespace where it has one; else the one it shares with plimsoll. */
  const counter = (name: string, table: 'tcp' | 'tcpExtended'): Signal | null => {
    const own = table === 'tcp' ? 'serverTcp' : 'serverTcpExtended';
    const note = 'counts its whole network namespace, not only the target';
    const candidates: Candidate[] = [`${own}.${name}`, `${table}.${name}`].map((metric) => ({
      collector: 'sockets',
      metric,
      note,
    }));
    return find.first('count', candidates);
  };
  const queues = source?.series.filter(({ name }) => name === 'acceptQueue') ?? [];
  return {
    server: states('server'),
    client: states('client'),
    acceptQueue: summed('count', queues, provenance('acceptQueue')),
    acceptOverflows: counter('ListenOverflows', 'tcpExtended'),
    acceptDrops: counter('ListenDrops', 'tcpExtended'),
    retransmittedSegments: counter('RetransSegs', 'tcp'),
    activeOpens: counter('ActiveOpens', 'tcp'),
  };
}
