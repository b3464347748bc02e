import { type FilledColumn, counts, texts } from './build-table.ts';
import { type RunView, loadText } from './run-view.ts';

/** The two columns that say of which stage each row is: its number and its load. */
export function stageColumns(view: RunView, stages: readonly number[]): readonly FilledColumn[] {
  return [
    counts('stage', stages),
    texts(
      'load',
      stages.map((stage) => loadText(view, stage)),
    ),
  ];
}
