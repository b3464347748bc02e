import type { Document } from '../reports/document.ts';
import { formatCount, formatLatency, formatPercent, formatRate } from '../reports/format-quantity.ts';
import { sizingNotes, waitsTable } from './compose-waits.ts';
import type { WorkersFigures } from './workers-figures.ts';

/** A number of workers for a terminal: the same figures as its JSON. */
export function composeWorkers(figures: WorkersFigures): Document {
  const { recommended, objective } = figures;
  const notes = sizingNotes(
    { ...figures, sensitivity: figures.sensitivity.map(({ change, workers: number }) => ({ change, number })) },
    'workers',
  );
  const load = `${formatRate(figures.arrivalsPerSecond)} × ${formatLatency(figures.serviceTimeMs)} keep ${formatCount(figures.busyWorkers)} busy on average; at most ${formatPercent(objective.share)} may wait longer than ${formatLatency(objective.limitMs)}`;
  if (recommended === null) return { title: 'Workers: no number can be recommended', subtitle: load, blocks: notes };
  const { workers, low, high, lineLength } = recommended;
  const interval = low === workers && high === workers ? '' : ` (${low} to ${high ?? 'unknown'})`;
  return {
    title: `Workers: ${workers}${interval}`,
    subtitle: load,
    blocks: [
      waitsTable(
        'workers',
        figures.table.map((row) => ({ ...row, number: row.workers })),
        workers,
      ),
      {
        kind: 'text',
        brief: true,
        text: `Line: ${lineLength} jobs (a channel with this buffer); a job that finds more of them waits longer than ${formatLatency(objective.limitMs)}: turn it away`,
      },
      { kind: 'text', brief: true, text: `Interval: ${recommended.method}` },
      ...notes,
    ],
  };
}
