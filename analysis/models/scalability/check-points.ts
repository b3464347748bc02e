import type { ScalabilityDoubt } from './scalability-doubt.ts';
import { type ScalabilityPoint, measuredRange } from './scalability-point.ts';

export interface CheckedPoints {
  /** Reasons to fit nothing. */
  readonly refusals: readonly ScalabilityDoubt[];
  readonly doubts: readonly ScalabilityDoubt[];
}

/** What is wrong, or strange, with points before anything is fitted. Rows are counted from 1. */
export function checkPoints(points: readonly ScalabilityPoint[], levelsNeeded: number): CheckedPoints {
  const bad = rowsWhere(points, ({ concurrency, throughput }) => !(isPositive(concurrency) && isPositive(throughput)));
  if (bad.length > 0) return { refusals: [{ code: 'not-positive', rows: bad }], doubts: [] };
  const levels = new Set(points.map(({ concurrency }) => concurrency)).size;
  const addStageAt = points.length === 0 ? 1 : stageToAdd(points);
  if (levels < levelsNeeded)
    return { refusals: [{ code: 'too-few-levels', levels, needed: levelsNeeded, addStageAt }], doubts: [] };
  const doubts: ScalabilityDoubt[] = [];
  if (points.length < fewestRows) doubts.push({ code: 'few-rows', rows: points.length });
  const belowOne = rowsWhere(points, ({ concurrency }) => concurrency < 1);
  if (belowOne.length > 0) doubts.push({ code: 'concurrency-below-one', rows: belowOne });
  const seen = new Set<string>();
  const duplicates = rowsWhere(points, ({ concurrency, throughput }) => {
    const key = `${concurrency} ${throughput}`;
    return seen.size === seen.add(key).size;
  });
  if (duplicates.length > 0) doubts.push({ code: 'duplicate-rows', rows: duplicates });
  return { refusals: [], doubts };
}

/** Where a further stage tells most of the slope: half-way (in ratio) between 1 and the lowest, or in the widest gap. */
export function stageToAdd(points: readonly ScalabilityPoint[]): number {
  const { least } = measuredRange(points);
  if (least > 2) return Math.max(1, Math.round(least / 4));
  const levels = [...new Set(points.map(({ concurrency }) => concurrency))].toSorted((left, right) => left - right);
  let widest = { ratio: 2, between: (levels.at(-1) ?? 1) * 2 };
  for (const [index, level] of levels.entries()) {
    const next = levels[index + 1];
    if (next !== undefined && next / level > widest.ratio && Math.round(Math.sqrt(level * next)) > level)
      widest = { ratio: next / level, between: Math.round(Math.sqrt(level * next)) };
  }
  return widest.between;
}

function rowsWhere(points: readonly ScalabilityPoint[], is: (point: ScalabilityPoint) => boolean): readonly number[] {
  return points.flatMap((point, index) => (is(point) ? [index + 1] : []));
}

const isPositive = (value: number): boolean => value > 0 && Number.isFinite(value);
/** usl4j and R's usl ask for as many. */
const fewestRows = 6;
