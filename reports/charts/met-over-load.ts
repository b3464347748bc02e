import { formatRate } from '../format-quantity.ts';
import { linearAxis } from './axes.ts';
import { chartConfig, colour } from './theme.ts';

export interface MetOverLoad {
  readonly curve: readonly {
    readonly load: number;
    readonly value: number;
    readonly low: number;
    readonly high: number;
  }[];
  /** Upright lines: rates, each with a few words. */
  readonly loadLines: readonly { readonly load: number; readonly text: string; readonly style: 'level' | 'model' }[];
}

/** How likely the objective is met in a window, by the rate, with its band and the load lines that follow from it. */
export function metOverLoad({ curve, loadLines }: MetOverLoad): object {
  const axis = linearAxis('offered load, requests', '1/s', [
    ...curve.map(({ load }) => load),
    ...loadLines.map(({ load }) => load),
  ]);
  const right = axis.scale.domain[1];
  const x = { field: 'load', type: 'quantitative', ...axis };
  const y = { field: 'value', type: 'quantitative', ...linearAxis('P(met)', 'ratio', [0, 1]) };
  return {
    config: chartConfig,
    layer: [
      {
        data: { values: curve },
        mark: { type: 'area', opacity: 0.2, fill: colour('p90') },
        encoding: { x, y: { ...y, field: 'low' }, y2: { field: 'high' } },
      },
      { data: { values: curve }, mark: { type: 'line', stroke: colour('p90'), strokeWidth: 2 }, encoding: { x, y } },
      ...loadLines.map(({ load, text, style }, index) => ({
        data: { values: [{ load, text: `${text} ${formatRate(load)}` }] },
        layer: [
          {
            mark: {
              type: 'rule',
              stroke: colour(style === 'level' ? 'ink' : 'p99'),
              strokeWidth: style === 'level' ? 1 : 1.5,
              strokeDash: style === 'level' ? [] : [5, 3],
            },
            encoding: { x },
          },
          // Texts one under the other, so that close lines do not write over one another, on paper of their own.
          ...[{ stroke: colour('paper'), strokeWidth: 4 }, {}].map((halo) => ({
            mark: { type: 'text', align: load > right / 4 ? 'right' : 'left', dx: load > right / 4 ? -5 : 5, ...halo },
            encoding: { x, y: { value: firstText + textHeight * index }, text: { field: 'text' } },
          })),
        ],
      })),
    ],
  };
}

/** Pixels from the top, below the part of the curve that is flat. */
const firstText = 60;
const textHeight = 17;
