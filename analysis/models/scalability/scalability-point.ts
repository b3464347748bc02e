/** One stage: jobs in the system on average, and jobs completed per unit of time (any unit; parameters share it). */
export interface ScalabilityPoint {
  readonly concurrency: number;
  readonly throughput: number;
}

/** An uncertain number whose interval may be open; null: the points set no limit on that side. */
export interface OpenEstimate {
  readonly estimate: number;
  readonly low: number | null;
  readonly high: number | null;
}

/** Of all intervals of fits. */
export const fitConfidence = 0.95;

/** Nothing is said beyond this times the highest concurrency that was measured. */
const farthest = 1.25;

export function measuredRange(points: readonly ScalabilityPoint[]): {
  readonly least: number;
  readonly most: number;
  /** Where predictions end. */
  readonly farthest: number;
} {
  const concurrencies = points.map(({ concurrency }) => concurrency);
  const most = Math.max(...concurrencies);
  return { least: Math.min(...concurrencies), most, farthest: farthest * most };
}
