import type { Block } from '../document.ts';
import { buildTable, counts, estimates, quantities, texts } from './build-table.ts';
import type { RunView } from './run-view.ts';
import { stageColumns } from './stage-columns.ts';
import { timeScale } from './time-scale.ts';

/** What the iterations of a k6 script did, step by step; nothing where the traffic is single requests. */
export function stepsSection(view: RunView): Block[] {
  const rows = view.analysis.stages.flatMap((stage) => stage.steps.map((step) => ({ stage, step })));
  if (rows.length === 0) return [];
  const time = timeScale(rows.map(({ step }) => step.serviceTimeMs));
  return [
    { kind: 'heading', level: 2, text: 'Steps' },
    {
      kind: 'text',
      text: 'What the iterations did: times count from the first byte written, those of groups leave out what the script slept. A step is no part of the books above, where each iteration counts once.',
    },
    buildTable(
      'Steps of each stage',
      [
        ...stageColumns(
          view,
          rows.map(({ stage }) => stage.index),
        ),
        texts(
          'step',
          rows.map(({ step }) => step.name),
        ),
        texts(
          'kind',
          rows.map(({ step }) => step.kind),
        ),
        counts(
          'begun',
          rows.map(({ step }) => step.begun),
        ),
        counts(
          'done',
          rows.map(({ step }) => step.done),
        ),
        counts(
          'failed',
          rows.map(({ step }) => step.failed),
        ),
        counts(
          'shed',
          rows.map(({ step }) => step.shed),
        ),
        estimates(
          'p50',
          time,
          rows.map(({ step }) => step.serviceTimeMs['0.5']),
        ),
        estimates(
          'p99',
          time,
          rows.map(({ step }) => step.serviceTimeMs['0.99']),
        ),
        quantities(
          'max',
          time,
          rows.map(({ step }) => step.serviceTimeMs.max),
        ),
      ],
      { folded: rows.length > mostUnfolded },
    ),
  ];
}

const mostUnfolded = 24;
