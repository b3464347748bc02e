import type { Plan } from '../../../model/plan.ts';
import type { ArticleLimits } from './article-rule.ts';

/**
 * What the article's rule would be told by a plan: the shortest limit of its latency objectives (it means it of the mean,
 * which is below any such quantile), and the highest rate that is offered, or in a closed loop the throughput that is asked
 * for. Null where a plan has no such pair: then nobody knows when the rule would act.
 */
export function articleLimits({
  objectives,
  loadProfile,
}: Pick<Plan, 'objectives' | 'loadProfile'>): Pick<ArticleLimits, 'latency' | 'throughput'> | null {
  const latencies = objectives.flatMap((each) =>
    each.kind === 'latency-quantile' && each.endpoint === null ? [each.limitMs] : [],
  );
  const asked = objectives.flatMap((each) =>
    each.kind === 'throughput' && each.endpoint === null ? [each.limitPerSecond] : [],
  );
  const offered = loadProfile.stages.flatMap((stage) =>
    stage.kind === 'hold' && 'endPerSecond' in stage ? [stage.endPerSecond] : [],
  );
  const [latency] = latencies.toSorted((one, other) => one - other);
  const [throughput] = [...offered, ...asked].toSorted((one, other) => other - one);
  return latency === undefined || throughput === undefined ? null : { latency, throughput };
}
