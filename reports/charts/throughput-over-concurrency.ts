import { linearAxis } from './axes.ts';
import { chartConfig, colour, colourByName, seriesStyle } from './theme.ts';

export interface ThroughputOverConcurrency {
  readonly points: readonly { readonly concurrency: number; readonly throughput: number }[];
  readonly curves: readonly {
    readonly name: string;
    readonly points: readonly { readonly concurrency: number; readonly throughput: number }[];
  }[];
}

/** Stages as points, the laws of the contest as lines; a law that leaves the picture is cut there. */
export function throughputOverConcurrency({ points, curves }: ThroughputOverConcurrency): object {
  const highest = Math.max(...points.map(({ throughput }) => throughput));
  const most = highest * headroom;
  const x = {
    field: 'concurrency',
    type: 'quantitative',
    ...linearAxis('requests in the service at once', '1', [
      ...points.map(({ concurrency }) => concurrency),
      ...curves.flatMap((curve) => curve.points.map(({ concurrency }) => concurrency)),
    ]),
  };
  const y = { field: 'throughput', type: 'quantitative', ...linearAxis('completed', '1/s', [most]) };
  const lines = curves.flatMap((curve, index) =>
    curve.points
      .filter(({ throughput }) => throughput <= y.scale.domain[1])
      .map((point) => ({ ...point, name: curve.name, ...seriesStyle(index) })),
  );
  const names = curves.map(({ name }) => name);
  return {
    config: chartConfig,
    layer: [
      {
        data: { values: lines },
        mark: { type: 'line', strokeWidth: 1.8 },
        encoding: {
          x,
          y,
          stroke: colourByName(names),
        },
      },
      {
        data: { values: points },
        mark: { type: 'point', shape: 'circle', size: 55, fill: colour('ink'), stroke: colour('ink'), opacity: 1 },
        encoding: { x, y },
      },
    ],
  };
}

/** Room for a law that runs a little above what was measured. */
const headroom = 1.2;
