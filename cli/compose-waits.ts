import type { Block, Table } from '../reports/document.ts';
import { formatLatency, formatPercent } from '../reports/format-quantity.ts';
import type { WaitRow } from './wait-figures.ts';

const right = (name: string) => ({ title: name, align: 'right' }) as const;

/** Waits by number of servers for a terminal; the number that is recommended is marked. */
export function waitsTable(
  title: string,
  rows: readonly (WaitRow & { readonly number: number })[],
  recommended: number,
): Table {
  return {
    kind: 'table',
    caption: 'Waits',
    brief: true,
    columns: [
      right(title),
      right('utilisation'),
      right('have to wait'),
      right('mean wait'),
      right('p99'),
      right('over the limit'),
      { title: '', align: 'left' },
    ],
    rows: rows.map((row) => [
      String(row.number),
      formatPercent(row.utilization),
      formatPercent(row.probabilityWait),
      formatLatency(row.meanWaitMs),
      formatLatency(row.waitQuantilesMs['0.99'] ?? null),
      formatPercent(row.probabilityOverObjective),
      row.number === recommended
        ? { text: 'recommended', tone: row.meetsObjective ? 'good' : 'warning' }
        : row.meetsObjective
          ? ''
          : { text: 'misses', tone: 'muted' },
    ]),
  };
}

/** How it was found, what was assumed, what else would change the answer, and the doubts. */
export function sizingNotes(
  {
    method,
    assumptions,
    sensitivity,
    warnings,
  }: {
    readonly method: string;
    readonly assumptions: readonly string[];
    readonly sensitivity: readonly { readonly change: string; readonly number: number | null }[];
    readonly warnings: readonly { readonly message: string }[];
  },
  title: string,
): readonly Block[] {
  return [
    { kind: 'text', brief: true, text: `Method: ${method}` },
    ...assumptions.map((text): Block => ({ kind: 'text', brief: true, text: `Assumed: ${text}` })),
    ...(sensitivity.length === 0
      ? []
      : [
          {
            kind: 'table',
            caption: 'What would change it',
            brief: true,
            columns: [
              { title: 'with', align: 'left' },
              { title: `${title} needed`, align: 'right' },
            ],
            rows: sensitivity.map(({ change, number }) => [
              change,
              number === null ? 'none is enough' : String(number),
            ]),
          } as const,
        ]),
    ...warnings.map(({ message }): Block => ({ kind: 'text', brief: true, tone: 'warning', text: `note: ${message}` })),
  ];
}
