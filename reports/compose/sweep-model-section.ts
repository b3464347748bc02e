import type { CellPrediction, SweepFigures, Verification } from '../../model/sweep-figures.ts';
import type { Block } from '../document.ts';
import { formatInterval, formatQuantity, scaleFor } from '../format-quantity.ts';
import { asSentence } from './as-sentence.ts';
import { buildTable, estimates, texts } from './build-table.ts';
import { knownEstimate, settingColumns, settingsWords } from './sweep-cells.ts';

const compared = [
  { name: 'gcCpuShare', title: 'GC CPU', unit: 'ratio' },
  { name: 'gcCyclesPerSecond', title: 'cycles', unit: '1/s' },
  { name: 'heapGoalBytes', title: 'heap goal', unit: 'B' },
  { name: 'rssPeakBytes', title: 'peak memory', unit: 'B' },
] as const;

/** What the model of the collector says of each cell, beside what was seen there. */
export function predictionsSection({ factors, cells, unpredictedReason, pool }: SweepFigures): readonly Block[] {
  if (pool !== null) return [];
  const heading: Block = { kind: 'heading', level: 2, text: 'Predicted beside observed', brief: true };
  if (unpredictedReason !== null)
    return [heading, { kind: 'text', text: `No prediction: ${unpredictedReason}.`, tone: 'muted', brief: true }];
  const predicted = cells.filter((cell) => cell.predicted !== null);
  if (predicted.length === 0) return [];
  const refused = predicted.filter((cell) => cell.predicted?.status === 'refused');
  const own = predicted.some((cell) => cell.predicted?.basis === 'all-cells');
  return [
    heading,
    {
      ...buildTable('The garbage collector by its model, at the load that each cell answered, beside what was seen.', [
        ...settingColumns(factors, predicted),
        texts(
          'ends by',
          predicted.map((cell) => cell.predicted?.regime ?? ''),
          { leaves: 1 },
        ),
        ...compared.flatMap(({ name, title, unit }) => [
          estimates(
            `${title}: model`,
            unit,
            predicted.map((cell) => knownEstimate(cell.predicted?.[name] ?? null)),
          ),
          estimates(
            'seen',
            unit,
            predicted.map((cell) => knownEstimate(cell.observed?.[name] ?? null)),
          ),
        ]),
      ]),
      brief: true,
    },
    ...refused.map(({ settings, predicted: said }): Block => ({
      kind: 'text',
      text: asSentence(`${settingsWords(settings)}: ${said?.reason ?? ''}`),
      tone: 'warning',
      brief: true,
    })),
    {
      kind: 'text',
      text: own
        ? 'Where the other cells do not determine the model, it was fitted with the very cell that it predicts: that is no test of it.'
        : 'Each cell is predicted from the runs of the other cells alone, so its own measurement tests the model.',
      tone: own ? 'warning' : 'muted',
      brief: true,
    },
  ];
}

/** The settings that are recommended, and the run that verified them. */
export function recommendationSection(figures: SweepFigures): readonly Block[] {
  const { recommended, recommendedReason: reason, unpredictedReason, verification, pool } = figures;
  if (recommended === null) {
    // Without a model there is no recommendation either, and its reason has been said.
    const because = pool === null && reason === unpredictedReason ? '' : `, ${reason ?? ''}`;
    return [{ kind: 'text', text: `Recommended: none${because}.`, brief: true }];
  }
  const { settings, predicted, doubts } = recommended;
  return [
    { kind: 'heading', level: 2, text: 'Recommended', brief: true },
    { kind: 'text', text: `${settingsWords(settings)}${expectation(predicted)}.`, brief: true },
    ...doubts.map((text): Block => ({ kind: 'text', text: asSentence(text), tone: 'warning', brief: true })),
    ...(predicted === null ? [] : [verificationText(verification)]),
  ];
}

function expectation(predicted: CellPrediction | null): string {
  if (predicted === null) return '';
  const parts = compared.flatMap(({ name, title, unit }) => {
    const figure = predicted[name];
    if (figure === null) return [];
    const scale = scaleFor(unit, [figure.estimate]);
    return [
      `${title} ${formatQuantity(figure.estimate, unit)} (95%: ${formatInterval(scale, figure.low, figure.high)})`,
    ];
  });
  return `, predicted: ${parts.join(', ')}`;
}

function verificationText(verification: Verification | null): Block {
  if (verification === null)
    return {
      kind: 'text',
      text: 'No run was made at these settings: a prediction only. --verify makes one.',
      tone: 'warning',
      brief: true,
    };
  const { status, reason, observed, run } = verification;
  const seen = compared.flatMap(({ name, title, unit }) => {
    const figure = observed?.[name] ?? null;
    return figure === null ? [] : [`${title} ${formatQuantity(figure.estimate, unit)}`];
  });
  const words = { agrees: 'it agrees', differs: 'it differs', inconclusive: 'inconclusive' } as const;
  return {
    kind: 'text',
    text: `Verified by a run at exactly these settings (${run}): ${words[status]}${reason === '' ? '' : `, ${reason}`}${seen.length === 0 ? '' : `; observed: ${seen.join(', ')}`}.`,
    tone: ({ agrees: 'good', differs: 'bad', inconclusive: 'warning' } as const)[status],
    brief: true,
  };
}
