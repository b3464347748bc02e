import type { DecodedScrapes } from './decode-scrapes.ts';
import { SignalFinder } from './find-signal.ts';
import { gcPauseOf } from './gctrace-line.ts';
import {
  type CgroupSignals,
  type HostSignals,
  type SocketSignals,
  cgroupSignals,
  hostSignals,
  socketSignals,
} from './machine-signals.ts';
import type { GcPause } from './memory-statistics.ts';
import { type PoolSignals, poolSignals } from './pool-signals.ts';
import { type PostgresSignals, postgresSignals } from './postgres-signals.ts';
import {
  type RequestCounter,
  type RequestHistogram,
  requestCounters,
  requestHistograms,
} from './request-histograms.ts';
import { type Restarts, restartsOf } from './restarts.ts';
import {
  type GcSignals,
  type MemorySignals,
  type ProcessSignals,
  type SchedulerSignals,
  gcSignals,
  memorySignals,
  processSignals,
  schedulerSignals,
} from './runtime-signals.ts';
import type { Provenance } from './signal.ts';

/**
 * All that a run knows of its target over time, each signal with where it comes from, or null where nothing collected
 * tells it. Durations are milliseconds, sizes bytes, whatever the source's unit was.
 */
export interface TargetSignals {
  readonly goVersion: { readonly version: string; readonly provenance: Provenance } | null;
  readonly process: ProcessSignals;
  readonly memory: MemorySignals;
  readonly gc: GcSignals;
  readonly scheduler: SchedulerSignals;
  readonly cgroup: CgroupSignals;
  readonly host: HostSignals;
  readonly sockets: SocketSignals;
  readonly pools: readonly PoolSignals[];
  /** Of the database behind the target; null where none was read. */
  readonly postgres: PostgresSignals | null;
  /** The stop-the-world time of each collection, one by one, where it is known. */
  readonly gcPauses: GcPauseList | null;
  readonly requestHistograms: readonly RequestHistogram[];
  readonly requestCounters: readonly RequestCounter[];
  readonly restarts: Restarts;
}

export interface GcPauseList {
  readonly pauses: readonly GcPause[];
  /** Collections known to have happened whose pause is not in the list. */
  readonly missed: number;
  readonly provenance: Provenance;
}

export function targetSignals(decoded: DecodedScrapes): TargetSignals {
  const find = new SignalFinder(decoded);
  return {
    goVersion: goVersionOf(decoded),
    process: processSignals(find),
    memory: memorySignals(find),
    gc: gcSignals(find),
    scheduler: schedulerSignals(find),
    cgroup: cgroupSignals(find),
    host: hostSignals(find, decoded),
    sockets: socketSignals(find, decoded),
    pools: poolSignals(decoded),
    postgres: postgresSignals(decoded),
    gcPauses: gcPausesOf(decoded),
    requestHistograms: requestHistograms(decoded),
    requestCounters: requestCounters(decoded),
    restarts: restartsOf(decoded),
  };
}

function goVersionOf({ sources }: DecodedScrapes): TargetSignals['goVersion'] {
  for (const { collector, source, series } of sources) {
    const info = collector === 'prometheus' ? series.findLast(({ name }) => name === 'go_info') : undefined;
    const version = info?.labels['version'];
    if (version !== undefined) return { version, provenance: { collector, source, metrics: ['go_info'], note: null } };
  }
  return null;
}

function gcPausesOf({ sources }: DecodedScrapes): GcPauseList | null {
  const expvar = sources.find(({ collector, pauses }) => collector === 'expvar' && pauses.pauses.length > 0);
  if (expvar !== undefined) {
    const note = 'the two pauses of a collection as one';
    const provenance: Provenance = { collector: 'expvar', source: expvar.source, metrics: ['memstats.PauseNs'], note };
    return { ...expvar.pauses, provenance };
  }
  const traced = sources.find(({ gcCycles }) => gcCycles.length > 0);
  if (traced === undefined) return null;
  const pauses = traced.gcCycles.map((cycle) => ({ endedAt: cycle.at, durationMs: gcPauseOf(cycle) }));
  const missed = traced.gcCycles.reduce((sum, { cycle }, index, all) => {
    const before = all[index - 1]?.cycle ?? cycle;
    return sum + (cycle > before ? cycle - before - 1 : 0);
  }, 0);
  const note = 'the two pauses of a collection as one';
  return { pauses, missed, provenance: { collector: 'gctrace', source: traced.source, metrics: ['gctrace'], note } };
}
