import {
  type ComparisonVerdict,
  type Direction,
  type MetricComparison,
  alpha,
  compareSamples,
  overallVerdict,
  practicalThreshold,
} from '../analysis/comparison/compare-samples.ts';
import type { Samples } from './parse-samples.ts';

export interface OpenRatio {
  readonly estimate: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly confidence: number;
  readonly method: string;
}

export interface ComparisonWarning {
  readonly code: 'metric-in-one-file' | 'values-missing';
  readonly message: string;
}

/** The document of `compare`; null is what is not known, or an end of an interval that the runs leave open. */
export interface ComparisonFigures {
  readonly metrics: readonly (Omit<MetricComparison, 'ratio'> & { readonly ratio: OpenRatio | null })[];
  readonly verdict: ComparisonVerdict;
  readonly parameters: { readonly alpha: number; readonly practicalThreshold: number; readonly direction: Direction };
  readonly warnings: readonly ComparisonWarning[];
}

/** Metrics are matched by name; one that is in a single file has an empty arm, which decides nothing. */
export function comparisonFigures(base: Samples, candidate: Samples, direction: Direction): ComparisonFigures {
  const names = [...new Set([...base.metrics.keys(), ...candidate.metrics.keys()])];
  const compared = compareSamples(
    names.map((name) => ({
      name,
      base: base.metrics.get(name) ?? [],
      candidate: candidate.metrics.get(name) ?? [],
    })),
    direction,
  );
  return {
    metrics: compared.map((metric) => ({ ...metric, ratio: openRatio(metric.ratio) })),
    verdict: overallVerdict(compared.map(({ verdict }) => verdict)),
    parameters: { alpha, practicalThreshold, direction },
    warnings: [...warningsOf('base', base, candidate), ...warningsOf('candidate', candidate, base)],
  };
}

function openRatio(ratio: MetricComparison['ratio']): OpenRatio | null {
  if (ratio === null) return null;
  const { estimate, low, high } = ratio;
  // An interval from 0 without an upper end says nothing: both ends are open.
  return {
    ...ratio,
    estimate: finite(estimate),
    low: low === 0 && high === Number.POSITIVE_INFINITY ? null : finite(low),
    high: finite(high),
  };
}

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);

function warningsOf(arm: string, samples: Samples, other: Samples): readonly ComparisonWarning[] {
  return [...samples.missing].flatMap(([name, missing]): ComparisonWarning[] => [
    ...(other.metrics.has(name)
      ? []
      : [{ code: 'metric-in-one-file', message: `${name} is only in the file of the ${arm}` } as const]),
    ...(missing === 0
      ? []
      : [{ code: 'values-missing', message: `${missing} runs of the ${arm} have no value of ${name}` } as const]),
  ]);
}
