import type { CostOfRun } from '../analysis/cost-of-run.ts';
import { type CostAcrossLoad, type FunctionAcrossLoad, expectedCost } from '../analysis/profiles/cost-across-load.ts';
import { costConfidence } from '../analysis/profiles/cost-law.ts';

/** By which of its costs a function is ranked. */
export const costSorts = ['site', 'flat', 'cum'] as const;
export type CostSort = (typeof costSorts)[number];

/** What `plimsoll profile cost --json` prints, `schema` apart. */
export interface CostFigures {
  readonly runs: readonly string[];
  readonly type: CostAcrossLoad['type'];
  /** Of all costs per request. */
  readonly unit: CostAcrossLoad['unit'];
  readonly atPerSecond: number | null;
  readonly sort: CostSort;
  readonly stages: CostAcrossLoad['stages'];
  readonly leftOut: CostAcrossLoad['leftOut'];
  readonly total: CostAcrossLoad['total'];
  readonly functions: readonly FunctionAcrossLoad[];
  /** Functions there were before --nodecount. */
  readonly listed: number;
  readonly labels: CostAcrossLoad['labels'];
  readonly confidence: number;
  readonly method: string;
  /** Why nothing is told over the rate; null where something is. */
  readonly missing: string | null;
}

/** @param nodeCount 0: all */
export function costFigures(
  run: string,
  { cost, missing }: CostOfRun,
  { sort, nodeCount }: { readonly sort: CostSort; readonly nodeCount: number },
): CostFigures {
  const { type, unit, atPerSecond, stages, leftOut, total, functions, labels } = cost;
  const column = sort === 'cum' ? 'cumulative' : sort;
  const ranked = functions
    .filter((each) => each[column].samples > 0)
    // Equal ones stay in the order of the sites.
    .toSorted((one, other) => expectedCost(other[column]) - expectedCost(one[column]));
  return {
    runs: [run],
    type,
    unit,
    atPerSecond: stages.length === 0 ? null : atPerSecond,
    sort,
    stages,
    leftOut,
    total,
    functions: nodeCount === 0 ? ranked : ranked.slice(0, nodeCount),
    listed: ranked.length,
    labels,
    confidence: costConfidence,
    method:
      'cost per request = samples of the stage’s profile / requests answered while it ran; exponent by Poisson regression of the samples over the logarithm of the rate, widened where they scatter more than chance',
    missing,
  };
}
