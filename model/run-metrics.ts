/**
 * What runs are compared by, stage by stage, in the order in which they are shown: errors first. Names as they are typed,
 * `key` as a history has them.
 */
export const runMetrics = {
  errors: { key: 'errorShare', unit: 'ratio', direction: 'lower', effect: 'difference' },
  shed: { key: 'shedShare', unit: 'ratio', direction: 'lower', effect: 'difference' },
  throughput: { key: 'completedPerSecond', unit: '1/s', direction: 'higher', effect: 'ratio' },
  p50: { key: 'p50Ms', unit: 'ms', direction: 'lower', effect: 'ratio' },
  p90: { key: 'p90Ms', unit: 'ms', direction: 'lower', effect: 'ratio' },
  p99: { key: 'p99Ms', unit: 'ms', direction: 'lower', effect: 'ratio' },
  'p99.9': { key: 'p999Ms', unit: 'ms', direction: 'lower', effect: 'ratio' },
  'cpu-per-request': { key: 'cpuMsPerRequest', unit: 'ms', direction: 'lower', effect: 'ratio' },
  'bytes-per-request': { key: 'allocBytesPerRequest', unit: 'B', direction: 'lower', effect: 'ratio' },
  'gc-cpu': { key: 'gcCpuShare', unit: 'ratio', direction: 'lower', effect: 'ratio' },
  goroutines: { key: 'goroutines', unit: '1', direction: 'lower', effect: 'ratio' },
} as const satisfies Record<string, RunMetric>;

export type RunMetricName = keyof typeof runMetrics;

export interface RunMetric {
  readonly key: string;
  readonly unit: string;
  readonly direction: 'lower' | 'higher';
  readonly effect: 'ratio' | 'difference';
}

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- keys of the table above
export const runMetricNames = Object.keys(runMetrics) as readonly RunMetricName[];

/** Metrics that are quantiles of times. */
export const latencyMetrics = { p50: 0.5, p90: 0.9, p99: 0.99, 'p99.9': 0.999 } as const satisfies Partial<
  Record<RunMetricName, number>
>;
export type LatencyMetricName = keyof typeof latencyMetrics;

export const isLatencyMetric = (name: string): name is LatencyMetricName => Object.hasOwn(latencyMetrics, name);

export const isRunMetric = (name: string): name is RunMetricName => Object.hasOwn(runMetrics, name);
