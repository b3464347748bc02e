import type { Estimate } from '../../model/finding.ts';

export const predictedQuantiles = ['0.5', '0.9', '0.99'] as const;
/** Response times from the due time, ms. */
export type PredictedTimes = Readonly<Record<'mean' | (typeof predictedQuantiles)[number], Estimate>>;
