import type { Block, Document } from '../reports/document.ts';
import {
  formatCount,
  formatInterval,
  formatLatency,
  formatPercent,
  formatRate,
  scaleFor,
} from '../reports/format-quantity.ts';
import { sizingNotes, waitsTable } from './compose-waits.ts';
import type { PoolFigures } from './pool-figures.ts';

/** A pool for a terminal: the same figures as its JSON. */
export function composePool(figures: PoolFigures): Document {
  const { recommended, objective } = figures;
  const notes = sizingNotes(
    { ...figures, sensitivity: figures.sensitivity.map(({ change, connections: number }) => ({ change, number })) },
    'connections',
  );
  const held = figures.holdTimeMs === null ? 'unknown hold times' : formatLatency(figures.holdTimeMs);
  const load = `${formatRate(figures.acquisitionsPerSecond)} × ${held} keep ${formatCount(figures.busyConnections)} busy on average; at most ${formatPercent(objective.share)} may wait longer than ${formatLatency(objective.limitMs)}`;
  if (recommended === null) return { title: 'Pool: no size can be recommended', subtitle: load, blocks: notes };
  const { connections, low, high } = recommended;
  const interval = low === connections && high === connections ? '' : ` (${low} to ${high ?? 'unknown'})`;
  return {
    title: `Pool: ${connections} connections${interval}`,
    subtitle: load,
    blocks: [
      waitsTable(
        'connections',
        figures.table.map((row) => ({ ...row, number: row.connections })),
        connections,
      ),
      ...measuredTable(figures),
      { kind: 'text', brief: true, text: `In Go: ${figures.settings.join('; ')}` },
      { kind: 'text', brief: true, text: `Interval: ${recommended.method}` },
      ...notes,
    ],
  };
}

const right = (title: string) => ({ title, align: 'right' }) as const;

/** The stages that the hold time was taken from. */
function measuredTable({ measured }: PoolFigures): readonly Block[] {
  if (measured === null) return [];
  return [
    {
      kind: 'table',
      caption: `Pool ${measured.pool} in run ${measured.run}`,
      brief: true,
      columns: [
        { title: 'stage', align: 'left' },
        right('requests'),
        right('in use'),
        right('hold time'),
        right('95 %'),
      ],
      rows: measured.stages.map(({ name, requestsPerSecond, inUse, holdMs }) => [
        name,
        formatRate(requestsPerSecond),
        formatCount(inUse.estimate),
        formatLatency(holdMs.estimate),
        formatInterval(scaleFor('ms', [holdMs.estimate]), holdMs.low, holdMs.high),
      ]),
    },
  ];
}
