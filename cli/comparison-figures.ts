import type { Change, MetricComparison } from '../analysis/comparison/compare-family.ts';
import {
  type ComparedStage,
  type CompareRunsOptions,
  type RunsWarning,
  type TimedFrom,
  compareRuns,
  proportionThreshold,
} from '../analysis/comparison/compare-runs.ts';
import { compareSamples, practicalThreshold } from '../analysis/comparison/compare-samples.ts';
import { type ComparisonVerdict, type Direction, alpha, overallVerdict } from '../analysis/comparison/judge-change.ts';
import type { RunSample } from '../analysis/comparison/run-sample.ts';
import type { Samples } from './parse-samples.ts';

/** Null: not known, or an end that the runs leave open. */
export interface OpenChange {
  readonly estimate: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly confidence: number;
  readonly method: string;
}

export interface ComparisonWarning {
  readonly code: 'metric-in-one-file' | RunsWarning['code'];
  readonly message: string;
}

export interface ComparedMetric extends Omit<MetricComparison, 'ratio' | 'difference'> {
  /** Null of plain numbers. */
  readonly stage: ComparedStage | null;
  /** Of times: response times begin when a request was due, service times with its first byte. */
  readonly timedFrom: TimedFrom | null;
  readonly ratio: OpenChange | null;
  readonly difference: OpenChange | null;
}

/** The document of `compare`; null is what is not known, or an end of an interval that the runs leave open. */
export interface ComparisonFigures {
  readonly metrics: readonly ComparedMetric[];
  /** Of saved runs: by how much the response times moved at each quantile. */
  readonly shift: readonly {
    readonly stage: ComparedStage;
    readonly timedFrom: TimedFrom;
    readonly points: readonly { readonly quantile: number; readonly differenceMs: OpenChange }[];
  }[];
  readonly verdict: ComparisonVerdict;
  /** Ids of those that took part; null of plain numbers. */
  readonly runs: { readonly base: readonly string[]; readonly candidate: readonly string[] } | null;
  readonly parameters: {
    readonly alpha: number;
    readonly practicalThreshold: number;
    /** Of errors and shed requests, as a share of the due ones; null of plain numbers. */
    readonly proportionThreshold: number | null;
    /** Null: each metric has its own. */
    readonly direction: Direction | null;
    readonly paired: boolean;
    /** Fields that the runs may differ in. */
    readonly allowedDifferences: readonly string[];
  };
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
    metrics: compared.map((metric) => ({ ...openMetric(metric), stage: null, timedFrom: null })),
    shift: [],
    verdict: overallVerdict(compared.map(({ verdict }) => verdict)),
    runs: null,
    parameters: {
      alpha,
      practicalThreshold,
      proportionThreshold: null,
      direction,
      paired: false,
      allowedDifferences: [],
    },
    warnings: [...warningsOf('base', base, candidate), ...warningsOf('candidate', candidate, base)],
  };
}

/** Of saved runs that may be compared. */
export function runsComparisonFigures(
  base: readonly RunSample[],
  candidate: readonly RunSample[],
  options: CompareRunsOptions,
  allowedDifferences: readonly string[],
): ComparisonFigures {
  const { metrics, shift, verdict, runs, warnings } = compareRuns(base, candidate, options);
  return {
    metrics: metrics.map((metric) => ({ ...openMetric(metric), stage: metric.stage, timedFrom: metric.timedFrom })),
    shift: shift.map(({ stage, timedFrom, points }) => ({
      stage,
      timedFrom,
      points: points.map(({ quantile, differenceMs }) => ({ quantile, differenceMs: openChange(differenceMs, null) })),
    })),
    verdict,
    runs,
    parameters: {
      alpha,
      practicalThreshold,
      proportionThreshold,
      direction: null,
      paired: options.paired,
      allowedDifferences,
    },
    warnings,
  };
}

function openMetric({ ratio, difference, ...metric }: MetricComparison): Omit<ComparedMetric, 'stage' | 'timedFrom'> {
  return {
    ...metric,
    // 0 is where a ratio ends by itself: an interval from there without an upper end says nothing.
    ratio: ratio === null ? null : openChange(ratio, 0),
    difference: difference === null ? null : openChange(difference, null),
  };
}

function openChange(change: Change, least: number | null): OpenChange {
  const { estimate, low, high } = change;
  const saysNothing = low === least && high === Number.POSITIVE_INFINITY;
  return { ...change, estimate: finite(estimate), low: saysNothing ? null : finite(low), high: finite(high) };
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
