import type { ObjectiveResult } from '../../model/finding.ts';
import type { Block, Cell } from '../document.ts';
import { type Scale, formatIn, formatInterval, scaleFor } from '../format-quantity.ts';
import { type FilledColumn, buildTable, texts, titled } from './build-table.ts';
import { objectiveUnit } from './objective-unit.ts';
import { type RunView, holds, resultOf } from './run-view.ts';
import { stageColumns } from './stage-columns.ts';

/** What was asked, against what was measured, on each stage. */
export function objectivesSection(view: RunView): Block[] {
  const { analysis, plan } = view;
  if (plan.objectives.length === 0) return [];
  const stages = holds(view);
  if (stages.length === 0) return [];
  const columns = plan.objectives.map((objective, index): FilledColumn => {
    const text = analysis.detail.objectives[index] ?? objective.kind;
    const results = stages.map(({ index: stage }) =>
      analysis.verdict.objectives.find((result) => result.stage === stage && result.objective === text),
    );
    const scale = scaleFor(
      objectiveUnit(objective),
      results.map((result) => result?.measured?.estimate ?? null),
    );
    return { title: titled(text, scale), align: 'decimal', cells: results.map((result) => judged(result, scale)) };
  });
  const reasons = [
    ...new Set(
      analysis.verdict.objectives.flatMap(({ objective, stage, reason }) =>
        reason === null ? [] : [`${objective} at stage ${stage}: ${reason}`],
      ),
    ),
  ];
  return [
    { kind: 'heading', level: 2, text: 'Objectives' },
    buildTable(
      'Measured, with its 95% interval, and whether the whole interval meets (✓) or misses (✗) the objective.',
      [
        ...stageColumns(
          view,
          stages.map(({ index }) => index),
        ),
        ...columns,
        texts(
          'result',
          stages.map((stage) => resultOf(view, stage)),
        ),
      ],
    ),
    ...(reasons.length === 0
      ? []
      : [buildTable('Why, where the interval alone does not say it', [texts('reason', reasons)], { folded: true })]),
  ];
}

function judged(result: ObjectiveResult | undefined, scale: Scale): Cell {
  if (result === undefined) return { text: 'not judged', tone: 'muted' };
  const { status, measured } = result;
  const tone = ({ pass: 'good', fail: 'bad', inconclusive: 'warning' } as const)[status];
  const sign = { pass: '✓', fail: '✗', inconclusive: '?' }[status];
  if (measured === null) return { text: sign, tone };
  const text = `${sign} ${formatIn(scale, measured.estimate)}`;
  return measured.low === measured.high
    ? { text, tone }
    : { text, tone, note: formatInterval(scale, measured.low, measured.high) };
}
