import type { Disturbance } from '../../analysis/analysis.ts';
import type { Estimate } from '../../model/finding.ts';
import type { Block, Cell, Tone } from '../document.ts';
import {
  formatBytes,
  formatCount,
  formatIn,
  formatLatency,
  formatPercent,
  formatSetting,
  scaleFor,
} from '../format-quantity.ts';
import { sayCollector, sayWarning } from '../wording.ts';
import { buildTable, counts, estimate, quantities, texts } from './build-table.ts';
import { type RunView, holds, stageList } from './run-view.ts';

/** Why these figures may be believed, and where not: the generator, the collectors, the doubts. */
export function trustSection(view: RunView): Block[] {
  return [
    { kind: 'heading', level: 2, text: 'How far to trust it' },
    { kind: 'heading', level: 3, text: 'Was the load generator the bottleneck?' },
    ...generator(view),
    { kind: 'heading', level: 3, text: 'What was collected, and what it cost' },
    ...coverage(view),
    ...doubts(view),
  ];
}

function say(text: string, tone: Tone): Block {
  return { kind: 'text', text, tone };
}

function generatorAnswer(view: RunView): Block {
  const all = holds(view);
  const invalid = all.filter(({ validity }) => validity.status === 'invalid').length;
  if (view.analysis.detail.generator === null)
    return say('Not known: the generator said nothing of itself, so no stage counts as valid.', 'warning');
  if (all.length === 0) return say('Not judged: there was no hold stage.', 'muted');
  if (invalid === 0)
    return say(
      `No. It kept its schedule in ${all.length === 1 ? 'the hold stage' : `all ${all.length} hold stages`}; the target set the pace.`,
      'good',
    );
  if (invalid === all.length)
    return say('Nothing shows that it was not: no hold stage is valid (why is said under Stages).', 'warning');
  return say(
    `Not where it was judged: ${all.length - invalid} of ${all.length} hold stages are valid. The others were left out (why is said under Stages).`,
    'warning',
  );
}

function generator(view: RunView): Block[] {
  const { plan, analysis } = view;
  const summary = analysis.detail.generator;
  const answer = generatorAnswer(view);
  if (summary === null) return [answer];
  const rows: [string, string, string][] = [
    [
      'busiest second, of its processors',
      formatPercent(summary.cpuShareMax),
      `limit ${formatSetting(plan.limits.generatorCpu, 'ratio')} in the mean of a stage`,
    ],
    ['CPU per request', formatLatency(summary.cpuMsPerRequest), 'what asking costs, not what the target spends'],
    ['lateness p99', formatLatency(summary.latenessP99Ms), 'how long after its due time a request was handed over'],
    ['longest stall', formatLatency(summary.stallMaxMs), 'longest time its own loop did not run'],
    [
      'most connections open',
      formatCount(summary.connectionsOpenMax),
      `of ${formatSetting(plan.connections.count, '1')} allowed`,
    ],
    [
      'connections made',
      formatCount(summary.connectsTotal),
      plan.connections.keepAlive ? 'kept alive between requests' : 'a new one for each request',
    ],
    [
      'most requests waiting',
      formatCount(summary.queueLengthMax),
      `of ${formatSetting(plan.connections.queueLimit, '1')}; beyond that they are dropped and counted`,
    ],
  ];
  return [
    answer,
    buildTable('The generator over the whole load', [
      texts(
        'figure',
        rows.map(([name]) => name),
      ),
      {
        ...texts(
          'measured',
          rows.map(([, value]) => value),
        ),
        align: 'right',
      },
      texts(
        '',
        rows.map(([, , note]): Cell => ({ text: note, tone: 'muted' })),
      ),
    ]),
  ];
}

const statuses = { captured: 'normal', 'not-collected': 'muted', failed: 'bad' } as const;

function coverage({ analysis }: RunView): Block[] {
  const { coverage: all } = analysis.detail;
  if (all.length === 0)
    return [
      { kind: 'text', text: 'Nothing was collected beside the load itself: no source was given.', tone: 'muted' },
    ];
  return [
    buildTable('Collectors', [
      texts(
        'collector',
        all.map(({ collector }) => sayCollector(collector)),
      ),
      texts(
        'source',
        all.map(({ source }) => source),
      ),
      texts(
        'status',
        all.map(({ status }): Cell => ({ text: status.replace('-', ' '), tone: statuses[status] })),
      ),
      counts(
        'readings',
        all.map(({ readings }) => readings),
      ),
      counts(
        'failed',
        all.map(({ failures }) => failures),
      ),
      quantities(
        'mean time',
        'ms',
        all.map(({ meanMs }) => meanMs),
      ),
      {
        ...texts(
          'read',
          all.map(({ bytes }) => formatBytes(bytes)),
        ),
        align: 'right',
      },
      ...(all.some(({ reason }) => reason !== null)
        ? [
            texts(
              'reason',
              all.map(({ reason }) => reason ?? ''),
            ),
          ]
        : []),
    ]),
    disturbance(analysis.detail.disturbance),
  ];
}

function figure(unit: string, value: Estimate | null): Cell {
  return value === null ? { text: 'not known', tone: 'muted' } : estimate(scaleFor(unit, [value.estimate]), value);
}

/** What measuring did to what was measured. */
function disturbance({ cpuShare, cpuShareEstimate, note, profiling }: Disturbance): Block {
  const share: Cell =
    cpuShareEstimate === null && cpuShare !== null
      ? formatIn(scaleFor('ratio', [cpuShare]), cpuShare)
      : figure('ratio', cpuShareEstimate);
  const rows: readonly (readonly [string, Cell, string])[] = [
    ['target’s CPU that went into answering collectors, %', share, note],
    ['CPU per request while profiling / without', figure('1', profiling.cpuPerRequest), profiling.note],
    ['p99 of the response time while profiling / without', figure('1', profiling.responseTimeP99), profiling.note],
  ];
  return buildTable('What collecting did to the target; a ratio of 1 is no effect.', [
    texts(
      'figure',
      rows.map(([name]) => name),
    ),
    {
      ...texts(
        'measured',
        rows.map(([, value]) => value),
      ),
      align: 'right',
    },
    texts(
      '',
      rows.map(([, , how], row): Cell => ({ text: row > 0 && rows[row - 1]?.[2] === how ? '' : how, tone: 'muted' })),
    ),
  ]);
}

/** Doubts about figures: one line per code, with the stages it is about. */
function doubts({ analysis }: RunView): Block[] {
  const byCode = new Map<string, { messages: Set<string>; stages: number[] }>();
  for (const { code, message, stage } of analysis.warnings) {
    const known = byCode.get(code) ?? { messages: new Set(), stages: [] };
    known.messages.add(message);
    if (stage !== null && !known.stages.includes(stage)) known.stages.push(stage);
    byCode.set(code, known);
  }
  if (byCode.size === 0) return [{ kind: 'text', text: 'No doubts were raised about any figure.', tone: 'good' }];
  const rows = [...byCode];
  const most = 3;
  return [
    { kind: 'heading', level: 3, text: 'Doubts' },
    buildTable('Doubts about figures; none of them is a reason to hide one.', [
      texts(
        'doubt',
        rows.map(([code]) => sayWarning(code)),
      ),
      texts(
        'stages',
        rows.map(([, { stages }]) => stageList(stages)),
      ),
      texts(
        'in detail',
        rows.map(([, { messages }]): Cell => {
          const shown = [...messages].slice(0, most).join('; ');
          return { text: messages.size > most ? `${shown}; and ${messages.size - most} more` : shown, tone: 'muted' };
        }),
      ),
      texts(
        'code',
        rows.map(([code]): Cell => ({ text: code, tone: 'muted' })),
      ),
    ]),
  ];
}
