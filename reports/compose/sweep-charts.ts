import type { ObservedStage, SweepFigures } from '../../model/sweep-figures.ts';
import { figureOverFactor } from '../charts/figure-over-factor.ts';
import type { Chart } from '../document.ts';
import { formatInterval, formatQuantity, scaleFor } from '../format-quantity.ts';

const charted = [
  { id: 'p99', title: 'p99 response time', unit: 'ms', of: (stage: ObservedStage) => stage.responseTimeMs['0.99'] },
  { id: 'done', title: 'completed', unit: '1/s', of: (stage: ObservedStage) => stage.completedPerSecond },
  { id: 'gc-cpu', title: 'GC share of CPU', unit: 'ratio', of: (stage: ObservedStage) => stage.gcCpuShare },
  { id: 'peak-memory', title: 'peak memory', unit: 'B', of: (stage: ObservedStage) => stage.rssPeakBytes },
] as const;

/** Over the factor with more values, a line for each value of the other; three factors make no picture. */
export function sweepCharts(figures: SweepFigures): readonly Chart[] {
  const [along, other, third] = figures.factors.toSorted((a, b) => b.values.length - a.values.length);
  if (along === undefined || third !== undefined) return [];
  return charted.flatMap(({ id, title, unit, of }): readonly Chart[] => {
    const series = (other?.values ?? ['']).map((value) => ({
      name: other === undefined ? title : `${other.name}=${value}`,
      points: figures.cells.flatMap(({ settings, observed }) => {
        const figure = observed === null ? null : of(observed);
        if (figure === null || (other !== undefined && settings[other.name] !== value)) return [];
        return [{ at: settings[along.name] ?? '', value: figure.estimate, low: figure.low, high: figure.high }];
      }),
    }));
    const points = series.flatMap((each) => each.points.map((point) => ({ ...point, name: each.name })));
    if (points.length < 2) return [];
    const scale = scaleFor(
      unit,
      points.map(({ value }) => value),
    );
    return [
      {
        kind: 'chart',
        id: `sweep-${id}`,
        title: `${title.charAt(0).toUpperCase()}${title.slice(1)} over ${along.name}`,
        description: `A point for each measured cell at its highest load${other === undefined ? '' : `, a line for each ${other.name}`}; uprights are 95% intervals.`,
        width: 'half',
        height: 260,
        specification: figureOverFactor({ title, unit, factor: along.name, values: along.values, series }),
        columns: [along.name, ...(other === undefined ? [] : [other.name]), title, '95%'],
        rows: points.map(({ at, name, value, low, high }) => [
          at,
          ...(other === undefined ? [] : [name.slice(other.name.length + 1)]),
          formatQuantity(value, unit),
          formatInterval(scale, low, high),
        ]),
      },
    ];
  });
}
