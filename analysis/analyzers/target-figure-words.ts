import type { TargetAnalysis } from '../analysis.ts';

/** What figures of the target are called in sentences. */
export const targetFigureWords: Readonly<Record<Exclude<keyof TargetAnalysis, 'pools' | 'database'>, string>> = {
  cpuMsPerRequest: 'CPU per request',
  cpuCores: 'processors used',
  cpuCoresAvailable: 'processors available',
  allocBytesPerRequest: 'bytes allocated per request',
  allocObjectsPerRequest: 'objects allocated per request',
  gcCpuShare: 'CPU share of the garbage collector',
  gcCyclesPerSecond: 'GC cycles',
  gcPauseMs: 'GC pauses',
  liveHeapBytes: 'live heap',
  heapGoalBytes: 'heap goal',
  rssBytes: 'resident memory',
  goroutines: 'goroutines',
  threads: 'threads',
  openFiles: 'open files',
  schedulingLatencyMs: 'scheduling latency of goroutines',
  mutexWaitMsPerSecond: 'waiting for mutexes',
  contextSwitchesPerRequest: 'context switches per request',
  throttledShare: 'CPU throttling',
};
