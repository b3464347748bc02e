import type { Series } from '../../model/series.ts';
import type { EpochMilliseconds } from '../../model/units.ts';
import type { DecodedScrapes } from './decode-scrapes.ts';

/** The target was another process after `at` than before `after`: its counters began anew in between. */
export interface Restart {
  /** Last reading before and first after. */
  readonly after: EpochMilliseconds;
  readonly at: EpochMilliseconds;
  readonly source: string;
  /** Which metrics told. */
  readonly evidence: readonly string[];
}

export interface Restarts {
  readonly restarts: readonly Restart[];
  /**
   * True where the target's start time went forth and back: several processes answer in turn, such as behind a load
   * balancer, and no counter of theirs can be read as one.
   */
  readonly severalInstances: boolean;
}

/**
 * Change with every process, and only then; and by how much they may shake without one: start times since 1970 are
 * computed from the machine's boot time, which follows corrections of its clock.
 */
const identities: ReadonlyMap<string, number> = new Map([
  ['prometheus process_start_time_seconds', 1.5],
  ['process startTicks', 0],
]);

/** Counters of the Go runtime and the kernel that nothing but a new process sets back. */
const neverFalling: ReadonlySet<string> = new Set([
  'prometheus process_cpu_seconds_total',
  'prometheus go_gc_cycles_total_gc_cycles_total',
  'prometheus go_gc_heap_allocs_bytes_total',
  'prometheus go_gc_duration_seconds_count',
  'prometheus go_memstats_alloc_bytes_total',
  'prometheus go_memstats_mallocs_total',
  'expvar memstats.TotalAlloc',
  'expvar memstats.NumGC',
  'gctrace cycles',
  'process cpuMs',
]);

const keyOf = ({ collector, name }: Series): string => `${collector} ${name}`;

/** Restarts of the target, in order of time; those that several sources saw are one. */
export function restartsOf({ sources }: DecodedScrapes): Restarts {
  const seen = sources.flatMap(({ series }) => series.flatMap(changesOf));
  const restarts: Restart[] = [];
  for (const change of seen.toSorted((one, other) => one.at - other.at)) {
    const last = restarts.at(-1);
    // Two sources are read at different instants: what they saw is the same where their gaps overlap.
    if (last !== undefined && change.after < last.at) {
      const evidence = [...new Set([...last.evidence, ...change.evidence])];
      restarts[restarts.length - 1] = { ...last, after: max(last.after, change.after), evidence };
    } else restarts.push(change);
  }
  return { restarts, severalInstances: sources.some(({ series }) => series.some(wentBack)) };
}

const max = (one: EpochMilliseconds, other: EpochMilliseconds): EpochMilliseconds => (one > other ? one : other);

function changesOf(series: Series): Restart[] {
  const tolerance = identities.get(keyOf(series));
  if (tolerance === undefined && !neverFalling.has(keyOf(series))) return [];
  const changes: Restart[] = [];
  for (let index = 1; index < series.values.length; index++) {
    const [before, now] = [series.values[index - 1], series.values[index]];
    const [after, at] = [series.at[index - 1], series.at[index]];
    if (before === undefined || now === undefined || after === undefined || at === undefined) continue;
    if (tolerance === undefined ? now < before : Math.abs(now - before) > tolerance)
      changes.push({ after, at, source: series.source, evidence: [series.name] });
  }
  return changes;
}

function wentBack(series: Series): boolean {
  const tolerance = identities.get(keyOf(series));
  if (tolerance === undefined) return false;
  return series.values.some((value, index) => index > 0 && value < (series.values[index - 1] ?? value) - tolerance);
}
