import type { Block, Document } from '../reports/document.ts';
import { formatPercent, unknownText } from '../reports/format-quantity.ts';
import type { ChangesFigures, ChangesSeries } from './changes-figures.ts';

const right = (title: string) => ({ title, align: 'right' }) as const;

/** Change points for a terminal: the same figures as their JSON. */
export function composeChanges(figures: ChangesFigures): Document {
  const { values, gaps, points, parameters, method, warnings, series } = figures;
  const { window, pValue, magnitude } = parameters;
  return {
    title: points.length === 0 ? 'No change found' : `${points.length} change${points.length === 1 ? '' : 's'} found`,
    subtitle: `${series === null ? '' : `${originText(series)}: `}${values} values, ${gaps} of them gaps; ${method}; window ${window}, p ${pValue}, magnitude ${magnitude}`,
    blocks: [
      ...(points.length === 0
        ? []
        : [
            {
              kind: 'table',
              caption: 'Changes; index 0 is the first value',
              brief: true,
              columns: [
                right('from index'),
                ...(series === null ? [] : [{ title: 'run', align: 'left' } as const]),
                right('mean before'),
                right('mean after'),
                right('change'),
                right('p'),
                { title: 'confirmed by', align: 'left' },
              ],
              rows: points.map((point) => [
                String(point.index),
                ...(series === null ? [] : [point.run ?? unknownText]),
                numberText(point.before.mean),
                numberText(point.after.mean),
                point.changeRatio === null ? unknownText : formatPercent(point.changeRatio - 1),
                numberText(point.pValue),
                point.confirmedBy.join(', '),
              ]),
            } as const satisfies Block,
          ]),
      ...warnings.map(({ code, message }): Block => ({
        kind: 'text',
        brief: true,
        tone: 'warning',
        text: `${code}: ${message}`,
      })),
    ],
  };
}

const originText = ({ scenario, metric, stage, toReference }: ChangesSeries): string =>
  `${metric} of ${scenario}, ${stage === null ? 'highest load' : `stage ${stage}`}${toReference ? ', over the reference' : ''}`;

/** Four significant digits: the units are the user's own. */
const numberText = (value: number): string => String(Number(value.toPrecision(4)));
