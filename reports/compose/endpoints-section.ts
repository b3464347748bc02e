import type { Block } from '../document.ts';
import { buildTable, counts, estimates, quantities, texts } from './build-table.ts';
import type { RunView } from './run-view.ts';
import { stageColumns } from './stage-columns.ts';
import { timeScale } from './time-scale.ts';

/** Endpoints apart, where there is more than one; with one it would be the stage table again. */
export function endpointsSection(view: RunView): Block[] {
  const rows = view.analysis.stages.flatMap((stage) => stage.endpoints.map((endpoint) => ({ stage, endpoint })));
  if (new Set(rows.map(({ endpoint }) => endpoint.name)).size < 2) return [];
  const time = timeScale(rows.map(({ endpoint }) => endpoint.responseTimeMs));
  return [
    { kind: 'heading', level: 2, text: 'Endpoints' },
    buildTable(
      'Endpoints of each stage',
      [
        ...stageColumns(
          view,
          rows.map(({ stage }) => stage.index),
        ),
        texts(
          'endpoint',
          rows.map(({ endpoint }) => endpoint.name),
        ),
        counts(
          'due',
          rows.map(({ endpoint }) => endpoint.due),
        ),
        counts(
          'done',
          rows.map(({ endpoint }) => endpoint.done),
        ),
        counts(
          'failed',
          rows.map(({ endpoint }) => endpoint.failed),
        ),
        estimates(
          'p50',
          time,
          rows.map(({ endpoint }) => endpoint.responseTimeMs['0.5']),
        ),
        estimates(
          'p90',
          time,
          rows.map(({ endpoint }) => endpoint.responseTimeMs['0.9']),
        ),
        estimates(
          'p99',
          time,
          rows.map(({ endpoint }) => endpoint.responseTimeMs['0.99']),
        ),
        quantities(
          'max',
          time,
          rows.map(({ endpoint }) => endpoint.responseTimeMs.max),
        ),
      ],
      { folded: rows.length > mostUnfolded },
    ),
  ];
}

const mostUnfolded = 16;
