import { latencyAxis } from './axes.ts';
import { chartConfig, colour } from './theme.ts';
import { type StageStart, stageLayers, timeChannel } from './time-axis.ts';

export interface LatencyOverTime {
  readonly points: readonly { readonly second: number; readonly p50Ms: number | null; readonly p99Ms: number | null }[];
  readonly stages: readonly StageStart[];
  readonly objectives: readonly { readonly text: string; readonly limitMs: number }[];
}

/** p50 and p99 of each second of due time: whether a stage was steady, and what happened when. */
export function latencyOverTime({ points, stages, objectives }: LatencyOverTime): object {
  const values = (['p50', 'p99'] as const).flatMap((quantile) =>
    points.map((point) => ({ second: point.second, quantile, valueMs: point[`${quantile}Ms`] })),
  );
  const last = Math.max(1, ...points.map(({ second }) => second + 1));
  const x = timeChannel('second', last);
  const y = {
    field: 'valueMs',
    type: 'quantitative',
    ...latencyAxis('response time', [
      ...values.flatMap(({ valueMs }) => valueMs ?? []),
      ...objectives.map(({ limitMs }) => limitMs),
    ]),
  };
  return {
    config: chartConfig,
    layer: [
      ...stageLayers(stages, x, last),
      ...(objectives.length === 0
        ? []
        : [
            {
              data: { values: objectives.map(({ limitMs }) => ({ valueMs: limitMs })) },
              mark: { type: 'rule', stroke: colour('ink'), strokeDash: [6, 4] },
              encoding: { y },
            },
          ]),
      {
        data: { values },
        // A second without an answer is a gap, not a bridge.
        mark: { type: 'line', strokeWidth: 1.5, invalid: 'break-paths-show-domains' },
        encoding: {
          x,
          y,
          stroke: {
            field: 'quantile',
            type: 'nominal',
            scale: { domain: ['p99', 'p50'], range: [colour('p99'), colour('p50')] },
            legend: { title: null, symbolType: 'stroke', symbolStrokeWidth: 2.5 },
          },
        },
      },
    ],
  };
}
