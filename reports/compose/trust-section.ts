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
import { buildFigures, buildTable, counts, estimate, quantities, texts } from './build-table.ts';
import { type RunView, holds, isLate, stageList } from './run-view.ts';

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

/** Reasons for which a stage is invalid that are not the generator's. */
const notItsOwn: ReadonlySet<string> = new Set([
  'stage-not-reached',
  'stage-incomplete',
  'no-traffic',
  'target-restarted',
]);

function generatorAnswer(view: RunView): Block {
  const all = holds(view);
  const valid = all.filter(({ validity }) => validity.status === 'valid');
  const blamed = all.filter(
    ({ validity }) => validity.status === 'invalid' && validity.reasons.some((reason) => !notItsOwn.has(reason)),
  );
  if (view.analysis.detail.generator === null)
    return say('Not known: the generator said nothing of itself, so no stage counts as valid.', 'warning');
  if (all.length === 0) return say('Not judged: there was no hold stage.', 'muted');
  if (valid.length === 0)
    return blamed.length === 0
      ? say('Not judged: no hold stage was driven to its end.', 'muted')
      : say('Nothing shows that it was not: no hold stage is valid (why is said under Stages).', 'warning');
  const late = valid.filter(isLate).map(({ index }) => index);
  const allowed =
    late.length === 0
      ? ''
      : ` It was late in ${late.length === 1 ? 'stage' : 'stages'} ${stageList(late)}: what that may explain is not held against the target.`;
  if (blamed.length > 0)
    return say(
      `Not where it was judged: ${valid.length} of ${all.length} hold stages are valid. The others were left out (why is said under Stages).${allowed}`,
      'warning',
    );
  if (late.length > 0) return say(`Not where it was judged.${allowed}`, 'warning');
  const which =
    valid.length < all.length
      ? `the ${valid.length} of ${all.length} hold stages that were driven to their end`
      : all.length === 1
        ? 'the hold stage'
        : `all ${all.length} hold stages`;
  return say(`No. It kept its schedule in ${which}; the target set the pace.`, 'good');
}

function generator(view: RunView): Block[] {
  const { plan, analysis } = view;
  const summary = analysis.detail.generator;
  const answer = generatorAnswer(view);
  if (summary === null) return [answer];
  return [
    answer,
    buildFigures('The generator over the whole load', [
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
  return buildFigures(
    'What collecting did to the target; a ratio of 1 is no effect.',
    rows.map(([name, value, how], row) => [name, value, row > 0 && rows[row - 1]?.[2] === how ? '' : how]),
  );
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
