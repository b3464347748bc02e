import { linearAxis } from './axes.ts';
import { chartConfig, colourByName, ownDash, seriesStyle } from './theme.ts';
import { type StageStart, stageLayers, timeChannel } from './time-axis.ts';

export interface SignalsOverTime {
  readonly title: string;
  readonly unit: string;
  readonly series: readonly {
    readonly title: string;
    readonly points: readonly { readonly second: number; readonly value: number }[];
  }[];
  readonly stages: readonly StageStart[];
  /** Where the load ended. */
  readonly lastSecond: number;
}

/** Readings of the target's side over time, series of one unit together. */
export function signalsOverTime({ title, unit, series, stages, lastSecond }: SignalsOverTime): object {
  const last = Math.max(lastSecond, 1);
  // Readings go on after the load; they are of another state and would be taken for part of the last stage.
  const values = series.flatMap((one, index) =>
    one.points
      .filter(({ second }) => second >= 0 && second <= last)
      // Counters read at other instants than the clock may give a little more than the whole.
      .map(({ second, value }) => ({
        second,
        value: unit === 'ratio' ? Math.min(value, 1) : value,
        name: one.title,
        dash: seriesStyle(index).dash,
      })),
  );
  const x = timeChannel('second', last);
  const y = {
    field: 'value',
    type: 'quantitative',
    ...linearAxis(
      title,
      unit,
      values.map(({ value }) => value),
      4,
    ),
  };
  const names = series.map((one) => one.title);
  return {
    config: chartConfig,
    layer: [
      ...stageLayers(
        stages.map((stage) => ({ ...stage, name: '' })),
        x,
        last,
      ),
      {
        data: { values },
        mark: { type: 'line', strokeWidth: 1.5 },
        encoding: {
          x,
          y,
          stroke: colourByName(names),
          strokeDash: ownDash,
        },
      },
    ],
  };
}
