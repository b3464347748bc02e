import { linearAxis } from './axes.ts';
import { chartConfig, colour, obliqueCross } from './theme.ts';

export interface AchievedPoint {
  readonly offered: number;
  readonly achieved: number;
  readonly mark: 'valid' | 'invalid';
}

/** Requests done against requests asked for; the thin line is where all were done. */
export function offeredAndAchieved(points: readonly AchievedPoint[]): object {
  const all = points.flatMap(({ offered, achieved }) => [offered, achieved]);
  const x = { field: 'offered', type: 'quantitative', ...linearAxis('offered', '1/s', all) };
  const y = { field: 'achieved', type: 'quantitative', ...linearAxis('achieved', '1/s', all) };
  const top = x.scale.domain[1];
  const valid = points.filter(({ mark }) => mark === 'valid');
  return {
    config: chartConfig,
    layer: [
      {
        data: { values: [0, top].map((value) => ({ offered: value, achieved: value })) },
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
