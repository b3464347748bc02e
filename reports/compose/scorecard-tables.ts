import type { Scorecard } from '../../analysis/analysis.ts';
import type { Block, Cell } from '../document.ts';
import { formatIn, formatSetting, scaleFor, unknownText } from '../format-quantity.ts';
import { type RunView, stageTitle } from './run-view.ts';

type Row = Scorecard['rows'][number];

/** The scorecards side by side: one line per figure, one column per stage, each value against the limit. */
export function scorecardTables(view: RunView): Block[] {
  const { scorecards } = view.analysis.detail;
  const lines = new Map<string, Row>();
  for (const { rows } of scorecards) for (const row of rows) if (!lines.has(keyOf(row))) lines.set(keyOf(row), row);
  if (lines.size === 0) return [];
  return [
    {
      kind: 'table',
      caption:
        'Scorecards: each value against its limit. ✗ is over the limit, ? was not measured; without a limit a value is not judged.',
      columns: [
        { title: 'group', align: 'left' },
        { title: 'figure', align: 'left' },
        { title: 'limit', align: 'right' },
        ...scorecards.map(({ stage }) => ({ title: stageTitle(view, stage), align: 'right' as const })),
      ],
      rows: [...lines].map(([key, first], index, all) => {
        const rows = scorecards.map((card) => card.rows.find((row) => keyOf(row) === key));
        const scale = scaleFor(
          first.unit,
          rows.map((row) => row?.value ?? null),
        );
        const title = scale.symbol === '' ? first.name : `${first.name}, ${scale.symbol}`;
        const group = all[index - 1]?.[1].group === first.group ? '' : first.group.replaceAll('-', ' ');
        return [
          group,
          title,
          first.limit === null ? { text: 'none', tone: 'muted' as const } : formatSetting(first.limit, first.unit),
          ...rows.map((row): Cell => {
            if (row === undefined || row.status === 'unknown') return { text: '?', tone: 'muted' };
            const known = formatIn(scale, row.value);
            if (known === unknownText) return { text: '?', tone: 'muted' };
            const text = ofBuckets.has(row.name) ? `≤ ${known}` : known;
            return row.status === 'over' ? { text: `✗ ${text}`, tone: 'bad' } : text;
          }),
        ];
      }),
    },
  ];
}

/** Read from histograms of the Go runtime: what is known is the upper end of a bucket. */
const ofBuckets: ReadonlySet<string> = new Set(['GC pause p99', 'scheduling latency p99']);

function keyOf({ group, name }: Row): string {
  return `${group}/${name}`;
}
