import { linearAxis } from './axes.ts';
import { chartConfig, colour, colourByName, ownDash, seriesStyle } from './theme.ts';

export interface FigureOverFactor {
  readonly title: string;
  readonly unit: string;
  readonly factor: string;
  /** As typed, in their order: the axis has a place for each, whatever they are. */
  readonly values: readonly string[];
  readonly series: readonly {
    readonly name: string;
    readonly points: readonly {
      readonly at: string;
      readonly value: number;
      /** Null: no interval. */
      readonly low: number | null;
      readonly high: number | null;
    }[];
  }[];
}

/** A figure of the cells of a sweep over one factor, a line for each value of the other, with intervals as uprights. */
export function figureOverFactor({ title, unit, factor, values, series }: FigureOverFactor): object {
  const points = series.flatMap(({ name, points: of }, index) =>
    of.map((point) => ({ ...point, name, ...seriesStyle(index) })),
  );
  const x = {
    field: 'at',
    type: 'ordinal',
    sort: values,
    scale: { type: 'point', domain: values, padding: 0.5 },
    axis: { title: factor, labelAngle: 0 },
  };
  const y = {
    field: 'value',
    type: 'quantitative',
    ...linearAxis(
      title,
      unit,
      points.flatMap(({ value, high }) => [value, high ?? value]),
    ),
  };
  const names = series.map(({ name }) => name);
  const own = { field: 'stroke', type: 'nominal', scale: null };
  return {
    config: chartConfig,
    layer: [
      {
        data: { values: points.filter(({ low, high }) => low !== null && high !== null) },
        mark: { type: 'rule', strokeWidth: 1.2, opacity: 0.7 },
        encoding: { x, y: { ...y, field: 'low' }, y2: { field: 'high' }, stroke: own },
      },
      {
        data: { values: points },
        mark: { type: 'line', strokeWidth: 2 },
        encoding: {
          x,
          y,
          stroke: colourByName(names),
          strokeDash: ownDash,
        },
      },
      {
        data: { values: points },
        mark: { type: 'point', shape: 'circle', size: 45, opacity: 1, strokeWidth: 1, stroke: colour('paper') },
        encoding: { x, y, fill: own },
      },
    ],
  };
}
