import type { Block, Document } from '../reports/document.ts';
import { formatCount, formatLatency, formatPercent, formatRate } from '../reports/format-quantity.ts';
import type { QueueFigures } from './queue-figures.ts';
import type { NetworkDocument } from './queue-network.ts';

const left = { title: '', align: 'left' } as const;
const right = (title: string) => ({ title, align: 'right' }) as const;

/** One queue for a terminal: the same figures as its JSON. */
export function composeQueue(figures: QueueFigures): Document {
  const blocked = figures.probabilityBlocked;
  return {
    title: 'Queue',
    subtitle: figures.method,
    blocks: [
      {
        kind: 'table',
        caption: 'Means',
        brief: true,
        columns: [left, left],
        rows: [
          ['utilisation per server', formatPercent(figures.utilization)],
          ['offered erlangs', formatCount(figures.offeredErlangs)],
          ['empty', formatPercent(figures.probabilityEmpty)],
          ['have to wait', formatPercent(figures.probabilityWait)],
          ...(blocked === null ? [] : [['turned away', formatPercent(blocked)]]),
          ['waiting', formatCount(figures.meanQueue)],
          ['in the system', formatCount(figures.meanInSystem)],
          ['mean wait', formatLatency(figures.meanWaitMs)],
          ['mean response', formatLatency(figures.meanResponseMs)],
        ],
      },
      {
        kind: 'table',
        caption: 'Quantiles',
        brief: true,
        columns: [left, right('wait'), right('response')],
        rows: Object.keys(figures.waitQuantilesMs).map((key) => [
          `p${Number((Number(key) * 100).toPrecision(4))}`,
          formatLatency(figures.waitQuantilesMs[key] ?? null),
          formatLatency(figures.responseQuantilesMs[key] ?? null),
        ]),
      },
      ...notes(figures.warnings),
    ],
  };
}

/** A network for a terminal: one table per class. */
export function composeNetwork({ classes, system, method, warnings }: NetworkDocument): Document {
  return {
    title: 'Network of queues',
    subtitle: method,
    blocks: [
      ...classes.flatMap((each): Block[] => [
        {
          kind: 'heading',
          level: 2,
          brief: true,
          text: `${each.name}: ${formatRate(each.throughputPerSecond)}, response ${formatLatency(each.responseMs)}`,
        },
        {
          kind: 'table',
          caption: each.name,
          brief: true,
          columns: [left, right('throughput'), right('residence'), right('jobs'), right('utilisation')],
          rows: each.stations.map((there) => [
            there.name,
            formatRate(there.throughputPerSecond),
            formatLatency(there.residenceMs),
            formatCount(there.queueLength),
            formatPercent(there.utilization),
          ]),
        },
      ]),
      ...(system.boundsPerSecond === null
        ? []
        : [
            {
              kind: 'text',
              brief: true,
              text: `No order or distribution gets out of ${formatRate(system.boundsPerSecond.asymptotic.low)} to ${formatRate(system.boundsPerSecond.asymptotic.high)}.`,
            } as const,
          ]),
      ...notes(warnings),
    ],
  };
}

const notes = (warnings: readonly { readonly message: string }[]): Block[] =>
  warnings.map(({ message }) => ({ kind: 'text', text: `note: ${message}`, tone: 'warning', brief: true }));
