import type { SignalSeries, StageAnalysis, TargetAnalysis } from '../../analysis/analysis.ts';
import { type LoadSeries, linesOverLoad } from '../charts/lines-over-load.ts';
import { signalsOverTime } from '../charts/signals-over-time.ts';
import type { Block, Chart, Table } from '../document.ts';
import { formatCount, formatIn, formatQuantity, formatSetting, scaleFor, unknownText } from '../format-quantity.ts';
import { asSentence } from './as-sentence.ts';
import { atMost, buildTable, counts, quantities, texts, titled, withoutUnknown } from './build-table.ts';
import { whyMissing } from './missing-measurements.ts';
import { poolRulesSection } from './pool-rules-section.ts';
import { databaseTables } from './database-tables.ts';
import {
  type RunView,
  crossesText,
  drawnMark,
  drivenSeconds,
  holds,
  loadAxis,
  loadOf,
  loadText,
  stageStarts,
  stageTitle,
} from './run-view.ts';
import { stageColumns } from './stage-columns.ts';
import { scorecardTables } from './scorecard-tables.ts';
import { targetLines } from './target-lines.ts';

/** Inside the target: processors, memory and its collector, goroutines, pools, the database behind it. What is missing is said, with its reason. */
export function targetSection(view: RunView): Block[] {
  const lines = targetLines(
    view,
    missingGroups(view).map(({ title }) => title.toLowerCase()),
  );
  return [
    { kind: 'heading', level: 2, text: 'Inside the target', ...(lines.length === 0 ? {} : { brief: true }) },
    ...lines,
    ...groups.flatMap((group) => groupCharts(view, group)),
    ...zeroThroughout(view),
    ...notMeasured(view),
    ...costTable(view),
    ...poolTable(view),
    ...poolRulesSection(view.analysis.detail.poolRules),
    ...databaseTables(view),
    ...scorecardTables(view),
  ];
}

interface Group {
  readonly title: string;
  readonly signals: readonly SignalSeries['group'][];
  readonly collectors: readonly string[];
  /** What would have to be given for it to be measured. */
  readonly give: string;
  /** A group without which nobody misses anything, such as sockets of a remote host. */
  readonly silent?: true;
  readonly overLoad: ((view: RunView, stages: readonly StageAnalysis[]) => Block[]) | null;
}

const runtime = 'no metrics endpoint of the Go runtime was given (--metrics)';
const ownHost = 'the target’s process on this machine is not known';

const groups: readonly Group[] = [
  {
    title: 'Processors',
    signals: ['cpu'],
    collectors: ['process', 'cgroup', 'prometheus', 'expvar'],
    give: `${ownHost} and ${runtime}`,
    overLoad: cpuOverLoad,
  },
  { title: 'Host', signals: ['host'], collectors: ['process', 'cgroup'], give: ownHost, overLoad: null },
  {
    title: 'Memory',
    signals: ['memory'],
    collectors: ['prometheus', 'expvar', 'process', 'cgroup'],
    give: `${ownHost} and ${runtime}`,
    overLoad: null,
  },
  {
    title: 'Garbage collection',
    signals: ['garbage-collection'],
    collectors: ['prometheus', 'expvar', 'gctrace'],
    give: runtime,
    overLoad: null,
  },
  {
    title: 'Goroutines',
    signals: ['goroutines'],
    collectors: ['prometheus', 'expvar', 'pprof'],
    give: runtime,
    overLoad: null,
  },
  {
    title: 'Connection pools',
    signals: ['pools'],
    collectors: ['prometheus', 'expvar'],
    give: 'no metrics endpoint with pool statistics was given (--metrics)',
    overLoad: poolsOverLoad,
  },
  // Not every service has one: where it was to be read and was not, the collectors say so.
  {
    title: 'Database',
    signals: ['database'],
    collectors: ['postgres'],
    give: 'no database was given (--postgres)',
    silent: true,
    overLoad: null,
  },
  { title: 'Sockets', signals: ['sockets'], collectors: ['sockets'], give: ownHost, silent: true, overLoad: null },
];

function groupCharts(view: RunView, group: Group): Block[] {
  const overTime = unitGroups(signalsOf(view, group).filter((series) => !isZero(series)));
  return [
    ...(group.overLoad?.(view, holds(view)) ?? []),
    ...overTime.map((series): Block => signalsChart(view, group, series)),
  ];
}

function signalsOf({ analysis }: RunView, group: Group): readonly SignalSeries[] {
  return analysis.detail.signals.filter((one) => group.signals.includes(one.group) && one.points.length > 0);
}

function isZero({ points }: SignalSeries): boolean {
  return points.every(({ value }) => value === 0);
}

/** A line along the axis shows nothing that these words don't. */
function zeroThroughout({ analysis }: RunView): Block[] {
  const titles = analysis.detail.signals
    .filter((one) => one.points.length > 0 && isZero(one))
    .map(({ title }) => title);
  return titles.length === 0
    ? []
    : [{ kind: 'text', text: `Measured, and zero all the time: ${titles.join('; ')}.`, tone: 'muted' }];
}

function missingGroups(view: RunView): readonly Group[] {
  return groups.filter(
    (group) => group.silent !== true && signalsOf(view, group).length === 0 && groupCharts(view, group).length === 0,
  );
}

/** What has no chart, those with the same reason in one line. */
function notMeasured(view: RunView): Block[] {
  const byReason = new Map<string, string[]>();
  for (const group of missingGroups(view)) {
    const why = whyMissing(view.analysis, group.collectors, group.give);
    byReason.set(why, [...(byReason.get(why) ?? []), group.title.toLowerCase()]);
  }
  return [...byReason].map(([why, titles]): Block => ({
    kind: 'text',
    text: `Not measured: ${titles.join(', ')}. ${asSentence(why)}`,
    tone: 'muted',
  }));
}

/** Series that share an axis: those of one unit. */
function unitGroups(signals: readonly SignalSeries[]): SignalSeries[][] {
  const byUnit = new Map<string, SignalSeries[]>();
  for (const series of signals) {
    byUnit.set(series.unit, [...(byUnit.get(series.unit) ?? []), series]);
  }
  return [...byUnit.values()];
}

const mostRows = 60;
/** Lines of one chart: more can't be told apart. */
const mostSeries = 8;

function signalsChart(view: RunView, group: Group, all: readonly SignalSeries[]): Block {
  const series = [...all].toSorted((left, right) => peak(right) - peak(left)).slice(0, mostSeries);
  const [first] = series;
  if (first === undefined) throw new Error(`no series of ${group.title}`);
  const title = series.length === 1 ? first.title : (sharedTitle(series) ?? group.title);
  const names = series.map((one) => one.title.replace(`${title}, `, ''));
  const left = all.length - series.length;
  const lastSecond = drivenSeconds(view) || Math.max(1, ...series.flatMap(({ points }) => points.at(-1)?.second ?? 1));
  return {
    kind: 'chart',
    id: `signals-${first.name.replaceAll(/\W+/g, '-')}`,
    title,
    description: `${series.length === 1 ? '' : `${names.join(', ')}${left === 0 ? '' : `, the highest ${series.length} of ${all.length}`}. `}Upright lines: stages begin.${first.unit === 'ratio' && series.some((one) => peak(one) > 1) ? ' Readings above 100% come of the instants of reading and are drawn at 100%.' : ''}`,
    width: 'half',
    height: 220,
    specification: signalsOverTime({
      title: series.length === 1 ? '' : axisTitle(first.unit),
      unit: first.unit,
      series: series.map(({ points }, index) => ({ title: names[index] ?? '', points })),
      stages: stageStarts(view),
      lastSecond,
    }),
    ...signalRows(series, names, lastSecond),
  };
}

function peak({ points }: SignalSeries): number {
  return points.reduce((highest, { value }) => Math.max(highest, value), 0);
}

/** "Connections in use" of "Connections in use, orders" and "Connections in use, audit". */
function sharedTitle(series: readonly SignalSeries[]): string | null {
  const titles = new Set(series.map(({ title }) => title.split(', ')[0]));
  const [only] = titles;
  return titles.size === 1 && only !== undefined ? only : null;
}

/** A row per second of load, readings of different instants in it together. */
function signalRows(
  series: readonly SignalSeries[],
  names: readonly string[],
  lastSecond: number,
): Pick<Chart, 'columns' | 'rows' | 'rowsNote'> {
  const scale = scaleFor(
    series[0]?.unit ?? '1',
    series.flatMap(({ points }) => points.map(({ value }) => value)),
  );
  const bySecond = series.map(
    ({ points }) => new Map(points.map(({ second, value }) => [Math.floor(second), value] as const)),
  );
  const seconds = [...new Set(bySecond.flatMap((points) => [...points.keys()]))]
    .filter((second) => second >= 0 && second <= lastSecond)
    .toSorted((left, right) => left - right);
  const every = Math.max(1, Math.ceil(seconds.length / mostRows));
  return {
    columns: ['second', ...names.map((name) => titled(name, scale))],
    rows: seconds
      .filter((_, index) => index % every === 0)
      .map((second) => [formatCount(second), ...bySecond.map((points) => formatIn(scale, points.get(second) ?? null))]),
    ...(every === 1 ? {} : { rowsNote: `One reading of every ${every}; all are in the run folder.` }),
  };
}

function axisTitle(unit: string): string {
  const names: Record<string, string> = { B: 'size', ratio: 'share', ms: 'time', '1': 'number' };
  return names[unit] ?? '';
}

function cpuOverLoad(view: RunView, stages: readonly StageAnalysis[]): Block[] {
  const available = stages.find(({ target }) => target.cpuCoresAvailable !== null)?.target.cpuCoresAvailable ?? null;
  return overLoadChart(
    view,
    {
      id: 'cpu-over-load',
      title: 'Processors used over load',
      description: 'CPU time of the target per second, in the steady window of each stage.',
      axis: 'processors used',
      unit: '1',
      limit: available === null ? null : { text: `${formatSetting(available, '1')} available`, value: available },
    },
    stages,
    [{ name: 'processors used', of: ({ cpuCores }) => cpuCores }],
  );
}

function poolsOverLoad(view: RunView, stages: readonly StageAnalysis[]): Block[] {
  const names = poolNames(stages);
  const limit = view.plan.limits.poolWaitMs;
  return overLoadChart(
    view,
    {
      id: 'pool-wait-over-load',
      title: 'Wait for a pooled connection over load',
      description:
        'Time that a request waited for a connection of the pool, in the mean over all requests. No wait at all is not drawn where the axis is logarithmic.',
      axis: 'wait per request',
      unit: 'ms',
      limit: { text: `limit ${formatSetting(limit, 'ms')}`, value: limit },
    },
    stages,
    names.map((name) => ({
      name,
      of: ({ pools }) => pools.find((pool) => pool.name === name)?.waitMsPerRequest ?? null,
    })),
  );
}

interface OverLoadChart {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly axis: string;
  readonly unit: string;
  readonly limit: { readonly text: string; readonly value: number } | null;
}

interface TargetFigure {
  readonly name: string;
  readonly of: (target: TargetAnalysis) => number | null;
}

/** A figure of the target at each stage; nothing where fewer than two stages have it. */
function overLoadChart(
  view: RunView,
  chart: OverLoadChart,
  stages: readonly StageAnalysis[],
  figures: readonly TargetFigure[],
): Block[] {
  const series = figures
    .map(({ name, of }): LoadSeries => ({
      name,
      points: stages.flatMap((stage) => {
        const value = of(stage.target);
        return value === null ? [] : [{ load: loadOf(view, stage), value, mark: drawnMark(stage) }];
      }),
    }))
    .filter(({ points }) => points.length > 1);
  if (series.length === 0) return [];
  return [
    {
      kind: 'chart',
      id: chart.id,
      title: chart.title,
      description: `${chart.description}${crossesText(stages.filter(({ target }) => figures.some(({ of }) => of(target) !== null)))}`,
      width: 'half',
      height: 220,
      specification: linesOverLoad({
        axis: loadAxis(view),
        title: chart.axis,
        unit: chart.unit,
        series,
        limit: chart.limit,
      }),
      columns: ['stage', 'load', ...figures.map(({ name }) => name)],
      rows: stages.map((stage) => [
        String(stage.index),
        loadText(view, stage.index),
        ...figures.map(({ of }) => formatQuantity(of(stage.target), chart.unit)),
      ]),
    },
  ];
}

function poolNames(stages: readonly StageAnalysis[]): readonly string[] {
  return [...new Set(stages.flatMap(({ target }) => target.pools.map(({ name }) => name)))];
}

/** What a request costs the target, and the state it was in, stage by stage. */
function costTable(view: RunView): Block[] {
  const { stages } = view.analysis;
  const of = (figure: (target: TargetAnalysis) => number | null): (number | null)[] =>
    stages.map(({ target }) => figure(target));
  const figures = withoutUnknown([
    quantities(
      'CPU per request',
      'ms',
      of(({ cpuMsPerRequest }) => cpuMsPerRequest),
    ),
    quantities(
      'processors used',
      '1',
      of(({ cpuCores }) => cpuCores),
    ),
    quantities(
      'throttled',
      'ratio',
      of(({ throttledShare }) => throttledShare),
    ),
    quantities(
      'allocated per request',
      'B',
      of(({ allocBytesPerRequest }) => allocBytesPerRequest),
    ),
    quantities(
      'objects per request',
      '1',
      of(({ allocObjectsPerRequest }) => allocObjectsPerRequest),
    ),
    quantities(
      'GC CPU',
      'ratio',
      of(({ gcCpuShare }) => gcCpuShare),
    ),
    quantities(
      'GC cycles',
      '1/s',
      of(({ gcCyclesPerSecond }) => gcCyclesPerSecond),
    ),
    atMost(
      quantities(
        'GC pause p99',
        'ms',
        of(({ gcPauseMs }) => gcPauseMs['0.99']),
      ),
    ),
    quantities(
      'live heap',
      'B',
      of(({ liveHeapBytes }) => liveHeapBytes),
    ),
    quantities(
      'heap goal',
      'B',
      of(({ heapGoalBytes }) => heapGoalBytes),
    ),
    quantities(
      'RSS',
      'B',
      of(({ rssBytes }) => rssBytes),
    ),
    quantities(
      'goroutines',
      '1',
      of(({ goroutines }) => goroutines),
    ),
    quantities(
      'threads',
      '1',
      of(({ threads }) => threads),
    ),
    quantities(
      'open files',
      '1',
      of(({ openFiles }) => openFiles),
    ),
    atMost(
      quantities(
        'scheduling latency p99',
        'ms',
        of(({ schedulingLatencyMs }) => schedulingLatencyMs['0.99']),
      ),
    ),
    quantities(
      'mutex wait',
      'ms/s',
      of(({ mutexWaitMsPerSecond }) => mutexWaitMsPerSecond),
    ),
    quantities(
      'context switches per request',
      '1',
      of(({ contextSwitchesPerRequest }) => contextSwitchesPerRequest),
    ),
  ]);
  if (figures.length === 0) return [];
  const names = stages.map(({ index }) => index);
  return [
    transposed(
      'What each stage cost the target (means of the steady window unless a quantile is named; ≤: the upper end of the bucket that holds it)',
      view,
      names,
      figures,
    ),
  ];
}

/** Figures down, stages across: there are more figures than stages. */
function transposed(
  caption: string,
  view: RunView,
  stages: readonly number[],
  figures: readonly { readonly title: string; readonly cells: readonly (string | object)[] }[],
): Table {
  return {
    kind: 'table',
    caption,
    columns: [
      { title: 'figure', align: 'left' },
      ...stages.map((stage) => ({ title: stageTitle(view, stage), align: 'right' as const })),
    ],
    rows: figures.map(({ title, cells }) => [
      title,
      ...cells.map((cell) => (typeof cell === 'string' ? cell : unknownText)),
    ]),
  };
}

function poolTable(view: RunView): Block[] {
  const rows = view.analysis.stages.flatMap((stage) => stage.target.pools.map((pool) => ({ stage, pool })));
  if (rows.length === 0) return [];
  return [
    buildTable('Connection pools', [
      ...stageColumns(
        view,
        rows.map(({ stage }) => stage.index),
      ),
      texts(
        'pool',
        rows.map(({ pool }) => pool.name),
      ),
      counts(
        'size',
        rows.map(({ pool }) => pool.maxOpen),
      ),
      quantities(
        'in use',
        '1',
        rows.map(({ pool }) => pool.inUse),
      ),
      quantities(
        'waits',
        '1/s',
        rows.map(({ pool }) => pool.waitCountPerSecond),
      ),
      quantities(
        'wait per request',
        'ms',
        rows.map(({ pool }) => pool.waitMsPerRequest),
      ),
      quantities(
        'hold time',
        'ms',
        rows.map(({ pool }) => pool.holdMs),
      ),
    ]),
  ];
}
