import type { Estimate } from '../../model/finding.ts';
import type { Bytes, Ratio } from '../../model/units.ts';
import type { TargetAnalysis, Warning } from '../analysis.ts';
import type { Between } from '../metrics/histogram-series.ts';

/** The target's side of one stage: what reports show, and what only other analyzers need. */
export interface TargetFigures {
  readonly target: TargetAnalysis;
  /** CPU share of the garbage collector with its interval. */
  readonly gcCpu: Estimate | null;
  /** Largest reading in the steady window. */
  readonly peakGoroutines: Estimate | null;
  readonly peakRss: Estimate | null;
  readonly memoryLimitBytes: Bytes | null;
  /** Slope over the steady window, relative to its mean. */
  readonly rssGrowthPerMinute: Ratio | null;
  readonly goroutinesPerMinute: number | null;
  /** Busy share of the processors that the target may use, by all processes. */
  readonly hostCpuShare: Ratio | null;
  /** Buckets that hold the p99, in ms. */
  readonly schedulingP99: Between | null;
  readonly gcPauseP99: Between | null;
  /** Connections that the kernel refused because the accept queue was full. */
  readonly acceptOverflows: number | null;
  /** GOMEMLIMIT as the target itself says it; infinite where it is off. */
  readonly goMemoryLimitBytes: number | null;
  readonly gomaxprocs: number | null;
  readonly warnings: readonly Warning[];
}

/** Nothing is known of the target. */
export const noTarget: TargetAnalysis = {
  cpuMsPerRequest: null,
  cpuCores: null,
  cpuCoresAvailable: null,
  allocBytesPerRequest: null,
  allocObjectsPerRequest: null,
  gcCpuShare: null,
  gcCyclesPerSecond: null,
  gcPauseMs: { '0.99': null },
  liveHeapBytes: null,
  heapGoalBytes: null,
  rssBytes: null,
  goroutines: null,
  threads: null,
  openFiles: null,
  schedulingLatencyMs: { '0.99': null },
  mutexWaitMsPerSecond: null,
  contextSwitchesPerRequest: null,
  throttledShare: null,
  pools: [],
  database: null,
};
