import { linearAxis, logAxis, spansDecades } from './axes.ts';
import type { LoadAxis } from './latency-over-load.ts';
import { chartConfig, colour, colourByName, obliqueCross, ownDash, seriesStyle } from './theme.ts';

export interface LoadSeries {
  readonly name: string;
  /** Invalid stages are crossed and not joined to the others. */
  readonly points: readonly { readonly load: number; readonly value: number; readonly mark: 'valid' | 'invalid' }[];
}

export interface LinesOverLoad {
  readonly axis: LoadAxis;
  readonly title: string;
  readonly unit: string;
  readonly series: readonly LoadSeries[];
  /** A dashed line across. */
  readonly limit: { readonly text: string; readonly value: number } | null;
}

/** Some figures of each stage against its load. Times that span decades get a log axis, on which zeros are not drawn. */
export function linesOverLoad({ axis, title, unit, series, limit }: LinesOverLoad): object {
  const all = series.flatMap(({ name, points }, index) =>
    points.map((point) => ({ ...point, name, ...seriesStyle(index) })),
  );
  const wide =
    unit === 'ms' && spansDecades([...all.map(({ value }) => value), ...(limit === null ? [] : [limit.value])]);
  const values = wide ? all.filter(({ value }) => value > 0) : all;
  const valid = values.filter(({ mark }) => mark === 'valid');
  // Room above a limit at the top, for its text.
  const headroom = 1.1;
  const shown = [...values.map(({ value }) => value), ...(limit === null ? [] : [limit.value * headroom])];
  const x = {
    field: 'load',
    type: 'quantitative',
    ...linearAxis(
      axis.title,
      axis.unit,
      values.map(({ load }) => load),
    ),
  };
  const y = {
    field: 'value',
    type: 'quantitative',
    ...(wide ? logAxis(title, unit, shown) : linearAxis(title, unit, shown)),
  };
  const names = series.map(({ name }) => name);
  const stroke = colourByName(names);
  const strokeDash = ownDash;
  const limits =
    limit === null
      ? []
      : [
          {
            data: { values: [limit] },
            layer: [
              { mark: { type: 'rule', stroke: colour('ink'), strokeDash: [6, 4] }, encoding: { y } },
              {
                mark: { type: 'text', align: 'left', baseline: 'bottom', dx: 4, dy: -4 },
                encoding: { x: { value: 0 }, y, text: { field: 'text' } },
              },
            ],
          },
        ];
  return {
    config: chartConfig,
    layer: [
      ...limits,
      { data: { values: valid }, mark: { type: 'line', strokeWidth: 2 }, encoding: { x, y, stroke, strokeDash } },
      {
        data: { values: values.filter(({ mark }) => mark === 'invalid') },
        mark: { type: 'point', shape: obliqueCross, size: 60, stroke: colour('soft'), strokeWidth: 2, opacity: 1 },
        encoding: { x, y },
      },
      {
        data: { values: valid },
        mark: { type: 'point', shape: 'circle', size: 45, opacity: 1 },
        encoding: {
          x,
          y,
          fill: { field: 'stroke', type: 'nominal', scale: null },
          stroke: { field: 'stroke', type: 'nominal', scale: null },
        },
      },
    ],
  };
}
