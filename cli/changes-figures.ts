import { type ChangePointSettings, changePoints } from '../analysis/change-points/change-points.ts';
import { type Confirmation, confirmChange } from '../analysis/change-points/confirm-change.ts';
import { correlationOfNights } from '../analysis/change-points/correlation-of-nights.ts';
import type { RunMetricName } from '../model/run-metrics.ts';
import { fillGaps } from '../analysis/change-points/fill-gaps.ts';
import { practicalThreshold } from '../analysis/comparison/compare-samples.ts';
import { alpha } from '../analysis/comparison/judge-change.ts';

export interface ChangesWarning {
  readonly code: 'gaps-filled' | 'nights-correlated';
  readonly message: string;
}

/** Where the numbers come from, if from a history. */
export interface ChangesSeries {
  readonly scenario: string;
  readonly metric: RunMetricName;
  readonly toReference: boolean;
  /** Null: the stage with the highest load. */
  readonly stage: number | null;
  /** Run and commit of each value. */
  readonly nights: readonly { readonly run: string; readonly commit: string | null; readonly gap: string | null }[];
}

/** The document of `history changes`. */
export interface ChangesFigures {
  /** Lines of the series, gaps included. */
  readonly values: number;
  readonly gaps: number;
  readonly points: readonly {
    readonly index: number;
    /** The first run after the change; null of plain numbers. */
    readonly run: string | null;
    readonly commit: string | null;
    readonly before: { readonly mean: number };
    readonly after: { readonly mean: number };
    readonly changeRatio: number | null;
    readonly pValue: number;
    readonly confirmedBy: readonly Confirmation[];
  }[];
  /** What the numbers are; null of plain ones. */
  readonly series: ChangesSeries | null;
  readonly parameters: ChangePointSettings;
  readonly method: string;
  readonly warnings: readonly ChangesWarning[];
}

/** @param series with a gap where it is null; at least one value */
export function changesFigures(
  series: readonly (number | null)[],
  settings: ChangePointSettings,
  origin: ChangesSeries | null = null,
): ChangesFigures {
  const filled = fillGaps(series);
  const points = changePoints(filled, settings);
  const indices = points.map(({ index }) => index);
  const measured = (start: number, end: number): readonly number[] =>
    series.slice(start, end).filter((value) => value !== null);
  return {
    values: series.length,
    gaps: series.length - measured(0, series.length).length,
    points: points.map(({ index, meanBefore, meanAfter, pValue }, at) => ({
      index,
      run: origin?.nights[index]?.run ?? null,
      commit: origin?.nights[index]?.commit ?? null,
      before: { mean: meanBefore },
      after: { mean: meanAfter },
      changeRatio: meanBefore === 0 ? null : meanAfter / meanBefore,
      pValue,
      confirmedBy: confirmChange(
        measured(indices[at - 1] ?? 0, index),
        measured(index, indices[at + 1] ?? series.length),
        alpha,
        practicalThreshold,
      ),
    })),
    series: origin,
    parameters: settings,
    method: "E-divisive with Student's t test, as Apache Otava 0.8",
    warnings: warningsOf(series, filled, indices),
  };
}

function warningsOf(
  series: readonly (number | null)[],
  filled: readonly number[],
  indices: readonly number[],
): readonly ChangesWarning[] {
  const gaps = series.filter((value) => value === null).length;
  const correlation = correlationOfNights(series, indices);
  return [
    ...(gaps === 0
      ? []
      : [
          {
            code: 'gaps-filled',
            message: `${gaps} of ${filled.length} values are missing; each repeats the value before it, which is no measurement`,
          } as const,
        ]),
    ...(correlation === null
      ? []
      : [
          {
            code: 'nights-correlated',
            message: `neighbouring values hang together (correlation ${correlation.toFixed(2)}): expect points that are none; compare with a reference of the same night`,
          } as const,
        ]),
  ];
}
