import type { Bytes, Milliseconds, PerSecond } from '../../../model/units.ts';
import type { CollectorSettings } from './collector-settings.ts';

/** Where the figures of an observation come from, in falling detail. */
export type CollectorSource = 'runtime-metrics' | 'memstats' | 'gctrace';

/** The garbage collector in the steady part of one stage, from one end of a collection to another. */
export interface CollectorObservation {
  readonly run: string;
  readonly stage: number;
  readonly name: string;
  readonly source: CollectorSource;
  readonly settings: CollectorSettings;
  /** Answered requests. */
  readonly requestsPerSecond: PerSecond;
  readonly durationMs: Milliseconds;
  /** Collections between the ends. */
  readonly cycles: number;
  readonly cyclesPerSecond: PerSecond;
  /** Bytes allocated on the heap per second. */
  readonly allocatedPerSecond: number;
  /** CPU time of a collection without idle marking; null where nothing tells it. */
  readonly cpuMsPerCycle: Milliseconds | null;
  /** Part of it that goroutines were made to do when they allocated. */
  readonly assistShare: number | null;
  /** Marked by a collection, over the readings. */
  readonly liveHeap: { readonly mean: Bytes; readonly p95: Bytes };
  /** Slope of the live heap, over its mean; null with too few readings. */
  readonly liveHeapGrowthPerHour: number | null;
  readonly heapGoalBytes: Bytes;
  /** Scanned stacks and globals. */
  readonly rootsBytes: Bytes;
  /** What a collection scans: pointer-free memory is not part of it; null where nothing tells it. */
  readonly scannedBytes: Bytes | null;
  /** `resident`: all resident memory counts as the runtime's, whose own is not known. */
  readonly memoryFrom: 'runtime' | 'resident';
  /** See `HeapState`; null where nothing tells it. */
  readonly nonHeapBytes: Bytes | null;
  /** Most memory that counts against GOMEMLIMIT; null where nothing tells it. */
  readonly peakRuntimeBytes: Bytes | null;
  /** Most resident memory beyond the runtime's: the binary, C code, mappings; null where nothing tells it. */
  readonly nonGoBytes: Bytes | null;
}
