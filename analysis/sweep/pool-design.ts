import type { PoolObjective } from '../../model/pool-decision.ts';
import { type PoolSweepOrder, poolThresholds } from '../sizing/pool/next-pool-size.ts';
import { type PoolSweep, poolSweep } from '../sizing/pool/pool-sweep.ts';
import type { DesignConclusion, SweepDesign } from './sweep-design.ts';
import type { SweepRun } from './sweep-run.ts';

/** What an adaptive sweep looks for: the smallest size of a pool that meets an objective. */
export interface PoolDesignOrder {
  /** The factor that sets the size. */
  readonly factor: string;
  readonly least: number;
  readonly most: number;
  /** The size to begin with. */
  readonly start: number;
  /** Runs of each size before it is decided from. */
  readonly repeats: number;
  readonly objective: PoolObjective;
}

/** Size after size as the closed loop of pool sizing decides (analysis/sizing/pool): docs/pool-sizing.md. */
export function poolDesign({ factor, ...order }: PoolDesignOrder): SweepDesign {
  const sized: PoolSweepOrder & { start: number; repeats: number } = { ...order, thresholds: poolThresholds };
  const sizeOf = ({ settings }: SweepRun): number => Number(settings[factor]);
  const sweep = (finished: readonly SweepRun[]): PoolSweep =>
    poolSweep(
      finished.map((run) => ({ size: sizeOf(run), reading: run.pool })),
      sized,
    );
  return {
    next: (finished) => {
      const { next } = sweep(finished);
      if (next === null) return { kind: 'done' };
      const repeat = finished.filter((run) => sizeOf(run) === next).length + 1;
      return { kind: 'run', settings: { [factor]: String(next) }, repeat };
    },
    cells: (finished) =>
      [...new Set(finished.map(sizeOf))].toSorted((a, b) => a - b).map((size) => ({ [factor]: String(size) })),
    total: null,
    conclude: (finished) => concluded(factor, sweep(finished)),
  };
}

function concluded(factor: string, { decisions, next, unmeasured }: PoolSweep): DesignConclusion {
  const last = decisions.at(-1);
  const size = next === null && unmeasured === null ? (last?.recommended ?? null) : null;
  const reason =
    next !== null
      ? 'the sweep is not over'
      : unmeasured !== null
        ? `two runs in a row at ${factor}=${unmeasured} tell nothing of the pool: they are not valid, no pool is in the metrics (of several --pool names one), or it does not count acquisitions (--queries-per-request does)`
        : 'the last step says why';
  return {
    pool: { decisions, article: null },
    recommended: size === null ? null : { settings: { [factor]: String(size) }, predicted: null, doubts: [] },
    reason,
  };
}
