import { type ChangePointSettings, changePoints } from '../analysis/change-points/change-points.ts';
import { type Confirmation, confirmChange } from '../analysis/change-points/confirm-change.ts';
import { correlationOfNights } from '../analysis/change-points/correlation-of-nights.ts';
import { fillGaps } from '../analysis/change-points/fill-gaps.ts';
import { practicalThreshold } from '../analysis/comparison/compare-samples.ts';
import { alpha } from '../analysis/comparison/judge-change.ts';

export interface ChangesWarning {
  readonly code: 'gaps-filled' | 'nights-correlated';
  readonly message: string;
}

/** The document of `history changes`. */
export interface ChangesFigures {
  /** Lines of the series, gaps included. */
  readonly values: number;
  readonly gaps: number;
  readonly points: readonly {
    readonly index: number;
    readonly before: { readonly mean: number };
    readonly after: { readonly mean: number };
    readonly changeRatio: number | null;
    readonly pValue: number;
    readonly confirmedBy: readonly Confirmation[];
  }[];
  readonly parameters: ChangePointSettings;
  readonly method: string;
  readonly warnings: readonly ChangesWarning[];
}

/** @param series with a gap where it is null; at least one value */
export function changesFigures(series: readonly (number | null)[], settings: ChangePointSettings): ChangesFigures {
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
