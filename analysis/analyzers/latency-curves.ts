import type { LatencyCurve, QuantileName } from '../analysis.ts';
import { type FittedLoadCurve, fitLoadCurve } from '../models/load-curve/fit-load-curve.ts';
import { curveValue } from '../models/load-curve/load-curve.ts';
import { valueAt } from '../models/load-curve/predict-load-curve.ts';
import { defineAnalyzer } from './analyzer.ts';
import { errorOf } from './limiter-readings.ts';
import { type MeasuredLevel, capacityShown, measuredLevels } from './measured-levels.ts';
import { pointOf, tooFewLoads } from './signal-forecasts.ts';

/** p50, p90 and p99 of the response time over load, each with a queueing curve through its steady stages. */
export const latencyCurves = defineAnalyzer({
  name: 'latency-curves',
  needs: ['plan', 'traffic', 'figures', 'validity'],
  wants: [],
  answer: ({ plan, traffic, figures, validity }): readonly LatencyCurve[] => {
    if (plan.loadProfile.kind === 'closed') return [];
    const levels = measuredLevels(plan, traffic, figures, validity);
    return quantiles.map((quantile) => curveOf(quantile, levels, capacityShown(levels)));
  },
});

const quantiles: readonly QuantileName[] = ['0.5', '0.9', '0.99'];

function curveOf(quantile: QuantileName, levels: readonly MeasuredLevel[], capacityMost: number | null): LatencyCurve {
  const points = levels.flatMap((level) => {
    const measured = level.figures.responseTimeMs[quantile];
    return measured === null ? [] : [pointOf(level, measured.estimate, errorOf(measured))];
  });
  const steady = points.filter((point) => point.steady);
  const fitted = fitLoadCurve(
    steady.map(({ ratePerSecond, value, error }) => ({ load: ratePerSecond, value, error })),
    ['queue', 'queue-of-servers'],
    capacityMost,
  );
  if (fitted.status === 'refused')
    return {
      quantile,
      curve: null,
      drawn: [],
      points,
      residuals: [],
      note: tooFewLoads(fitted),
    };
  const left = points.length - steady.length;
  const { curve } = fitted.supported[0];
  return {
    quantile,
    curve,
    drawn: drawn(fitted),
    points,
    residuals: steady.map(({ ratePerSecond, value }) => {
      const expected = curveValue(curve, ratePerSecond);
      return { ratePerSecond, share: expected === 0 ? 0 : value / expected - 1 };
    }),
    note: `through ${steady.length} steady stages${left === 0 ? '' : `, ${left} with a growing queue left out`}`,
  };
}

const steps = 24;

/** Within the measured range: what lies beyond is not drawn. */
function drawn(fitted: FittedLoadCurve): LatencyCurve['drawn'] {
  const { least, most } = fitted.range;
  return Array.from({ length: steps + 1 }, (_, step) => least + ((most - least) * step) / steps).flatMap((load) => {
    const value = valueAt(fitted, load);
    return value === null
      ? []
      : [{ ratePerSecond: load, estimateMs: value.estimate, lowMs: value.low, highMs: value.high }];
  });
}
