import { bytes, milliseconds } from '../../model/units.ts';
import type { CollectorCoverage } from '../analysis.ts';
import { defineAnalyzer } from './analyzer.ts';

/** What was collected, how often, and what it cost: the ground every other figure stands on. */
export const coverage = defineAnalyzer({
  name: 'coverage',
  needs: ['collectors'],
  wants: [],
  answer: ({ collectors }): readonly CollectorCoverage[] =>
    collectors.map(({ collector, source, status, totalMs, totalBytes }) => {
      const counts = status.status === 'captured' ? status.value : { readings: 0, failures: 0 };
      const asked = counts.readings + counts.failures;
      return {
        collector,
        source,
        status: status.status,
        ...counts,
        reason: status.status === 'captured' ? null : status.reason,
        meanMs: asked === 0 ? null : milliseconds(totalMs / asked),
        bytes: bytes(totalBytes),
      };
    }),
});
