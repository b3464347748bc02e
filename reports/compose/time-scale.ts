import type { Estimate } from '../../model/finding.ts';
import { type Scale, scaleFor } from '../format-quantity.ts';

type Times = Readonly<Record<string, Estimate | number | null>>;

/** One scale for all quantiles and maxima of a table: they are read across, and 0.25 s beside 13 ms misleads. */
export function timeScale(rows: readonly Times[]): Scale {
  const values = rows.flatMap((times) => Object.values(times));
  return scaleFor(
    'ms',
    values.map((value) => (typeof value === 'object' ? (value?.estimate ?? null) : value)),
  );
}
