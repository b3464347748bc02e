import type { Block, Document } from '../reports/document.ts';
import {
  formatCount,
  formatIn,
  formatInterval,
  formatLatency,
  formatPercent,
  formatRate,
  scaleFor,
} from '../reports/format-quantity.ts';
import { sizingNotes, waitsTable } from './compose-waits.ts';
import { idleText } from './idle-figures.ts';
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
  const arithmetic = figures.arithmetic.map((text): Block => ({ kind: 'text', brief: true, text }));
  if (recommended === null)
    return { title: 'Pool: no size can be recommended', subtitle: load, blocks: [...arithmetic, ...notes] };
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
      { kind: 'text', brief: true, text: `Hold times: ${figures.holdTimeFrom}` },
      ...holdTexts(figures),
      ...churnTable(figures),
      ...arithmetic,
      { kind: 'text', brief: true, text: `In Go: ${figures.settings.join('; ')}` },
      ...(figures.idle === null ? [] : [{ kind: 'text', brief: true, text: idleText(figures.idle) } as const]),
      { kind: 'text', brief: true, text: `Interval: ${recommended.method}` },
      ...notes,
    ],
  };
}

const right = (title: string) => ({ title, align: 'right' }) as const;

/** The stages that the hold time was taken from. */
function measuredTable({ measured }: PoolFigures): readonly Block[] {
  if (measured === null) return [];
  const several = measured.runs.length > 1;
  const { stages } = measured;
  const waits = stages.some(({ waitMs }) => waitMs !== null);
  const tails = stages.some(({ overLimit }) => overLimit !== null);
  return [
    {
      kind: 'table',
      caption: `Pool ${measured.pool} in ${several ? 'runs' : 'run'} ${measured.runs.join(', ')}`,
      brief: true,
      columns: [
        { title: 'stage', align: 'left' },
        ...(several ? [right('size')] : []),
        right('requests'),
        right('in use'),
        right('hold time'),
        right('95 %'),
        ...(waits ? [right('mean wait'), right('by the model')] : []),
        ...(tails ? [right('over the limit'), right('by the model')] : []),
      ],
      rows: stages.map(({ name, maxOpen, requestsPerSecond, inUse, holdMs, waitMs, overLimit }) => [
        name,
        ...(several ? [formatCount(maxOpen)] : []),
        formatRate(requestsPerSecond),
        formatCount(inUse.estimate),
        formatLatency(holdMs.estimate),
        formatInterval(scaleFor('ms', [holdMs.estimate]), holdMs.low, holdMs.high),
        ...(waits ? [formatLatency(waitMs?.measured.estimate ?? null), formatLatency(waitMs?.predicted ?? null)] : []),
        ...(tails
          ? [formatPercent(overLimit?.measured.estimate ?? null), formatPercent(overLimit?.predicted ?? null)]
          : []),
      ]),
    },
  ];
}

const shapes = {
  flat: 'do not grow with them',
  rising: 'grow with them',
  undecided: 'may grow with them, the intervals do not tell',
  'not-identified': '',
} as const;

/** How hold times follow the connections in use, and how many statements the database executes at once. */
function holdTexts({ holdModel, bounds }: PoolFigures): readonly Block[] {
  if (holdModel === null) return [];
  const { shape, rise, from, to, notes } = holdModel;
  const measured = bounds.databaseMeasured;
  const ratio = scaleFor('1', [rise?.estimate ?? null]);
  return [
    ...(rise === null
      ? []
      : [
          `Hold times from ${formatCount(from)} to ${formatCount(to)} connections in use ${shapes[shape]}: × ${formatIn(ratio, rise.estimate)} (${formatInterval(ratio, rise.low, rise.high)})`,
        ]),
    ...(measured === null
      ? []
      : [
          `Statements at once, measured: ${formatCount(measured.estimate)} (${formatInterval(scaleFor('1', [measured.estimate]), measured.low, measured.high)}), ${measured.method}`,
        ]),
    ...notes,
  ].map((text) => ({ kind: 'text', brief: true, text }));
}

/** What the pool closed and opened while it was measured. */
function churnTable({ idle }: PoolFigures): readonly Block[] {
  if (idle?.churn == null) return [];
  return [
    {
      kind: 'table',
      caption: 'Connections closed and opened, by cause',
      brief: true,
      columns: [
        { title: 'stage', align: 'left' },
        right('too many idle'),
        right('idle too long'),
        right('too old'),
        right('opened'),
        right('opening takes'),
      ],
      rows: idle.churn.map((churn) => [
        churn.name,
        formatRate(churn.maxIdleClosedPerSecond),
        formatRate(churn.maxIdleTimeClosedPerSecond),
        formatRate(churn.maxLifetimeClosedPerSecond),
        formatRate(churn.openedPerSecond),
        formatLatency(churn.dialMs),
      ]),
    },
  ];
}
