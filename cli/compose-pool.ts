import type { Document } from '../reports/document.ts';
import { formatCount, formatLatency, formatPercent, formatRate } from '../reports/format-quantity.ts';
import { sizingNotes, waitsTable } from './compose-waits.ts';
import type { PoolFigures } from './pool-figures.ts';

/** A pool for a terminal: the same figures as its JSON. */
export function composePool(figures: PoolFigures): Document {
  const { recommended, objective } = figures;
  const notes = sizingNotes(
    { ...figures, sensitivity: figures.sensitivity.map(({ change, connections: number }) => ({ change, number })) },
    'connections',
  );
  const load = `${formatRate(figures.acquisitionsPerSecond)} × ${formatLatency(figures.holdTimeMs)} keep ${formatCount(figures.busyConnections)} busy on average; at most ${formatPercent(objective.share)} may wait longer than ${formatLatency(objective.limitMs)}`;
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
      { kind: 'text', brief: true, text: `In Go: ${figures.settings.join('; ')}` },
      { kind: 'text', brief: true, text: `Interval: ${recommended.method}` },
      ...notes,
    ],
  };
}
