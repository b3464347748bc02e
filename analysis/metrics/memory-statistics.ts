import { type EpochMilliseconds, type Milliseconds, epochMilliseconds, nanoseconds } from '../../model/units.ts';

/**
 * `runtime.MemStats` as one reading gave it: its numbers by Go's own field names (bytes, counts, nanoseconds), and the
 * rings of the last 256 pauses, whose element (NumGC + 255) % 256 is the newest.
 */
export interface MemoryStatistics {
  readonly fields: ReadonlyMap<string, number>;
  readonly pauseNanoseconds: readonly number[];
  /** Ends of the pauses, nanoseconds since 1970 (a double rounds them to about 256 ns). */
  readonly pauseEnds: readonly number[];
}

/** The fields that only grow; all others are gauges. */
export const countingMemoryFields: ReadonlySet<string> = new Set([
  'TotalAlloc',
  'Lookups',
  'Mallocs',
  'Frees',
  'NumGC',
  'NumForcedGC',
  'PauseTotalNs',
]);

/** The stop-the-world time of one garbage collection, its two pauses summed, as MemStats counts it. */
export interface GcPause {
  readonly endedAt: EpochMilliseconds;
  readonly durationMs: Milliseconds;
}

export interface StitchedPauses {
  readonly pauses: readonly GcPause[];
  /** Collections whose pause is not known: they left the ring before it was read, more than 256 between two readings. */
  readonly missed: number;
}

/**
 * All pauses between the first and the last reading, each once: the ring keeps the last 256, so readings overlap or leave
 * a gap; NumGC tells which. Those before the first reading are left out, and a fall of NumGC is a restarted process.
 */
export function stitchPauses(readings: readonly MemoryStatistics[]): StitchedPauses {
  const pauses: GcPause[] = [];
  let missed = 0;
  let known: number | null = null;
  for (const { fields, pauseNanoseconds, pauseEnds } of readings) {
    const cycles = fields.get('NumGC');
    const ring = pauseNanoseconds.length;
    if (cycles === undefined || !Number.isSafeInteger(cycles) || cycles < 0 || ring === 0) continue;
    const since: number = known === null ? cycles : cycles < known ? 0 : known;
    const first = Math.max(since, cycles - ring);
    missed += first - since;
    for (let cycle = first + 1; cycle <= cycles; cycle++) {
      const index = (cycle + ring - 1) % ring;
      const duration = pauseNanoseconds[index];
      const end = pauseEnds[index];
      if (duration === undefined || end === undefined || end === 0) missed++;
      else pauses.push({ endedAt: instantOf(end), durationMs: nanoseconds(duration) });
    }
    known = cycles;
  }
  return { pauses, missed };
}

const instantOf = (nanosecondsSinceEpoch: number): EpochMilliseconds =>
  epochMilliseconds(nanoseconds(nanosecondsSinceEpoch));
