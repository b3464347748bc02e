import { linearAxis } from './axes.ts';
import { chartConfig, colour, obliqueCross } from './theme.ts';

export interface CompletedPoint {
  readonly offered: number;
  readonly completed: number;
  readonly mark: 'valid' | 'invalid';
}

/** Answers complete in each second against requests asked for; on the thin line the service kept up. */
export function offeredAndCompleted(points: readonly CompletedPoint[]): object {
  const all = points.flatMap(({ offered, completed }) => [offered, completed]);
  const x = { field: 'offered', type: 'quantitative', ...linearAxis('offered', '1/s', all) };
  const y = { field: 'completed', type: 'quantitative', ...linearAxis('completed', '1/s', all) };
  const top = x.scale.domain[1];
  const valid = points.filter(({ mark }) => mark === 'valid');
  return {
    config: chartConfig,
    layer: [
      {
        data: { values: [0, top].map((value) => ({ offered: value, completed: value })) },
        mark: { type: 'line', stroke: colour('soft'), strokeDash: [2, 3] },
        encoding: { x, y },
      },
      { data: { values: valid }, mark: { type: 'line', stroke: colour('p90'), strokeWidth: 2 }, encoding: { x, y } },
      {
        data: { values: valid },
        mark: { type: 'point', shape: 'circle', size: 55, fill: colour('p90'), stroke: colour('p90'), opacity: 1 },
        encoding: { x, y },
      },
      {
        data: { values: points.filter(({ mark }) => mark === 'invalid') },
        mark: { type: 'point', shape: obliqueCross, size: 60, stroke: colour('soft'), strokeWidth: 2, opacity: 1 },
        encoding: { x, y },
      },
    ],
  };
}
