import type { Block, Document } from '../reports/document.ts';
import {
  formatCount,
  formatDuration,
  formatInterval,
  formatLatency,
  formatPercent,
  formatRate,
  scaleFor,
} from '../reports/format-quantity.ts';
import type { ClientFigures } from './client-figures.ts';
import { sizingNotes, waitsTable } from './compose-waits.ts';

const right = (title: string) => ({ title, align: 'right' }) as const;
const brief = (text: string): Block => ({ kind: 'text', brief: true, text });

/** The connections of an HTTP client for a terminal: the same figures as its JSON. */
export function composeClient(figures: ClientFigures): Document {
  const { recommended, objective } = figures;
  const notes = sizingNotes(
    { ...figures, sensitivity: figures.sensitivity.map(({ change, connections: number }) => ({ change, number })) },
    'connections',
  );
  const time = figures.callTimeMs === null ? 'unknown call times' : formatLatency(figures.callTimeMs);
  const load = `${formatRate(figures.callsPerSecond)} × ${time} keep ${formatCount(figures.busyConnections)} busy on average; at most ${formatPercent(objective.share)} may wait longer than ${formatLatency(objective.limitMs)}`;
  if (recommended === null)
    return {
      title: 'HTTP client: no number of connections can be recommended',
      subtitle: load,
      blocks: [...measuredTable(figures), ...notes],
    };
  const { connections, low, high } = recommended;
  const interval = low === connections && high === connections ? '' : ` (${low} to ${high ?? 'unknown'})`;
  return {
    title: `HTTP client: ${connections} connections per host${interval}`,
    subtitle: load,
    blocks: [
      waitsTable(
        'connections',
        figures.table.map((row) => ({ ...row, number: row.connections })),
        connections,
      ),
      ...idleBlocks(figures),
      ...measuredTable(figures),
      ...timeoutText(figures),
      brief('In Go:'),
      ...figures.settings.map((line) => brief(`    ${line}`)),
      brief(`Interval: ${recommended.method}`),
      ...notes,
    ],
  };
}

const limitNames = {
  default: 'Go’s default',
  'four-fifths': 'four fifths of the connections, a rule of articles',
  recommended: 'recommended',
} as const;

/** What fewer idle connections cost. */
function idleBlocks({ idle }: ClientFigures): readonly Block[] {
  if (idle === null) return [];
  const { byLimit, idleTimeMs, reconnectsPerSecond } = idle;
  const scale = scaleFor('1/s', [byLimit[0]?.dialsPerSecond.estimate ?? null]);
  return [
    {
      kind: 'table',
      caption: 'Connections dialled again, by how many are kept idle',
      brief: true,
      columns: [
        right('kept idle'),
        right('dialled'),
        right('from, to'),
        right('of all calls'),
        { title: '', align: 'left' },
      ],
      rows: byLimit.map(({ maxIdlePerHost, what, dialsPerSecond: dials, share }) => [
        formatCount(maxIdlePerHost),
        formatRate(dials.estimate),
        formatInterval(scale, dials.low, dials.high),
        formatPercent(share),
        limitNames[what],
      ]),
    },
    ...(idleTimeMs === null
      ? []
      : [
          brief(
            `Idle: kept for ${formatDuration(idleTimeMs)}, shorter than the server keeps them; that reconnects at most ${formatRate(reconnectsPerSecond)}`,
          ),
        ]),
  ];
}

/** The stages that the call times were taken from. */
function measuredTable({ measured }: ClientFigures): readonly Block[] {
  if (measured === null) return [];
  const { run, metric, host, stages } = measured;
  return [
    {
      kind: 'table',
      caption: `Calls${host === null ? '' : ` to ${host}`} in run ${run}, timed by ${metric}`,
      brief: true,
      columns: [
        { title: 'stage', align: 'left' },
        right('requests'),
        right('calls'),
        right('call time'),
        right('95 %'),
        right('cv'),
        right('99.9 % below'),
      ],
      rows: stages.map(({ name, requestsPerSecond, callsPerSecond, callMs, variation, slowestMs }) => [
        name,
        formatRate(requestsPerSecond),
        formatRate(callsPerSecond),
        formatLatency(callMs.estimate),
        formatInterval(scaleFor('ms', [callMs.estimate]), callMs.low, callMs.high),
        formatCount(variation?.estimate ?? null),
        formatLatency(slowestMs),
      ]),
    },
  ];
}

function timeoutText({ timeout }: ClientFigures): readonly Block[] {
  if (timeout === null) return [];
  const { timeoutMs, cutShare, method } = timeout;
  const cut = cutShare === null ? '' : `, which cuts off at most ${formatPercent(cutShare)} of the calls`;
  return [brief(`Timeout of a call: ${formatLatency(timeoutMs)}${cut} (${method})`)];
}
