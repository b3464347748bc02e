import { linearAxis } from './axes.ts';
import { chartConfig, colour, colourByName } from './theme.ts';

export interface Residual {
  readonly name: string;
  readonly load: number;
  /** Measured less fitted, as a share of the fitted. */
  readonly share: number;
}

/** What the curves leave over: scattered round the line where they fit, bent where they do not. */
export function residualsOverLoad(residuals: readonly Residual[]): object {
  const names = [...new Set(residuals.map(({ name }) => name))];
  const x = {
    field: 'load',
    type: 'quantitative',
    ...linearAxis(
      'offered load, requests',
      '1/s',
      residuals.map(({ load }) => load),
    ),
  };
  const y = {
    field: 'share',
    type: 'quantitative',
    ...linearAxis(
      'measured − fitted',
      'ratio',
      residuals.map(({ share }) => share),
    ),
  };
  return {
    config: chartConfig,
    layer: [
      { data: { values: [{}] }, mark: { type: 'rule', stroke: colour('soft') }, encoding: { y: { datum: 0 } } },
      {
        data: { values: residuals },
        mark: { type: 'line', strokeWidth: 1.5, point: { size: 40 } },
        encoding: {
          x,
          y,
          color: colourByName(names),
        },
      },
    ],
  };
}
