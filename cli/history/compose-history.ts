import type { Cell, Document } from '../../reports/document.ts';
import { formatInstant, formatQuantity, unknownText } from '../../reports/format-quantity.ts';
import type { HistoryFigures, HistoryRow } from './history-figures.ts';

/** A history for a terminal: the same runs as its JSON. */
export function composeHistory({ history, runs, metrics, warnings }: HistoryFigures): Document {
  return {
    title: `${runs.length} ${runs.length === 1 ? 'run' : 'runs'}`,
    subtitle: history,
    blocks: [
      {
        kind: 'table',
        caption: 'Runs, oldest first',
        brief: true,
        columns: [
          { title: 'started', align: 'left' },
          { title: 'run', align: 'left', leaves: 2 },
          { title: 'arm', align: 'left' },
          { title: 'commit', align: 'left', leaves: 1 },
          { title: 'state', align: 'left' },
          { title: 'stage', align: 'left' },
          ...metrics.map(({ name }) => ({ title: name, align: 'right' }) as const),
        ],
        rows: runs.map((row): readonly Cell[] => [
          formatInstant(row.startedAt),
          row.run,
          row.arm,
          row.commit?.slice(0, shortCommit) ?? unknownText,
          { text: row.validity.status, tone: row.validity.status === 'ok' ? 'normal' : 'bad' },
          stageText(row),
          ...metrics.map(({ key, unit }) => formatQuantity(row.figures[key] ?? null, unit)),
        ]),
      },
      ...warnings.map(({ code, message }) => ({
        kind: 'text' as const,
        brief: true as const,
        tone: 'warning' as const,
        text: `${code}: ${message}`,
      })),
    ],
  };
}

const shortCommit = 12;

const stageText = ({ stage }: HistoryRow): string =>
  stage === null ? unknownText : `${stage.name}${stage.valid ? (stage.late ? ' (late)' : '') : ' (invalid)'}`;
