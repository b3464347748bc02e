import type { PoolRules, PoolRulesStage } from '../../model/pool-rules.ts';
import { milliseconds } from '../../model/units.ts';
import type { PoolSignals } from '../metrics/pool-signals.ts';
import { advisePool, holdRise } from '../sizing/pool/advise-pool.ts';
import { articleLimits } from '../sizing/pool/article-limits.ts';
import { articleSteps } from '../sizing/pool/article-rule.ts';
import { poolCell } from '../sizing/pool/pool-cell.ts';
import { type StagePool, poolReadings } from '../sizing/pool/pool-reading.ts';
import { defineAnalyzer } from './analyzer.ts';
import { StageReadings } from './stage-readings.ts';
import { Completions } from '../traffic/completions.ts';

/**
 * The size of each limited pool by our rule and by the article's, in every stage that both can be asked of. Our objective is
 * a mean wait up to the plan's limit for a wait; the article's rule goes by the plan's latency objective and its highest
 * rate, and without these nobody knows what it would do.
 */
export const poolRules = defineAnalyzer({
  name: 'pool-rules',
  needs: ['plan', 'traffic', 'signals', 'figures', 'validity'],
  wants: [],
  answer: ({ plan, traffic, signals, figures, validity }): readonly PoolRules[] => {
    const limits = articleLimits(plan);
    if (limits === null) return [];
    const limit = milliseconds(plan.limits.poolWaitMs);
    const objective = { kind: 'mean-wait', limit } as const;
    const stages = figures.map(({ stage }) => ({
      ...stage,
      validity: validity[stage.index] ?? { status: 'invalid' as const, reasons: [] },
    }));
    const completions = new Completions(traffic);
    const sizeIn = (pool: PoolSignals, { stage }: StagePool): number | null => {
      const of = traffic.stages.find(({ index }) => index === stage);
      return of === undefined
        ? null
        : new StageReadings(traffic.measurement.startedAt, of, completions).maximum(pool.maxOpen);
    };
    return signals.pools.flatMap((pool): readonly PoolRules[] => {
      const counted = pool.acquireCount !== null || pool.useCount !== null;
      const read = poolReadings(pool, traffic, stages, counted ? null : 1, limit).flatMap((each) => {
        const size = sizeIn(pool, each);
        return size === null ? [] : [{ ...each, cell: poolCell(size, [each.reading]) }];
      });
      const [lowest] = read;
      if (lowest === undefined) return [];
      const article = articleSteps(
        read.map(({ cell }) => cell),
        limits,
      );
      return [
        {
          pool: pool.name,
          per: counted ? 'acquisition' : 'request',
          objective,
          latencyLimit: limits.latency,
          throughputTarget: limits.throughput,
          stages: read.map(({ stage, name, cell }, index): PoolRulesStage => {
            const rise = holdRise(cell.hold, index === 0 ? null : lowest.cell.hold);
            return {
              stage,
              name,
              cell,
              holdRise: rise,
              ours: advisePool(cell, rise, objective),
              article: article.sizes[index] ?? null,
            };
          }),
        },
      ];
    });
  },
});
