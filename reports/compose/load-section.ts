import type { StageAnalysis, TimelinePoint } from '../../analysis/analysis.ts';
import type { Estimate } from '../../model/finding.ts';
import { type FittedPoint, latencyOverLoad, type LoadPoint } from '../charts/latency-over-load.ts';
import { latencyOverTime } from '../charts/latency-over-time.ts';
import { linesOverLoad } from '../charts/lines-over-load.ts';
import { offeredAndCompleted } from '../charts/offered-and-completed.ts';
import type { Block, Chart } from '../document.ts';
import {
  formatCount,
  formatIn,
  formatInterval,
  formatPercent,
  formatRate,
  scaleFor,
  unknownText,
} from '../format-quantity.ts';
import { buildTable, counts, texts } from './build-table.ts';
import { failureCounts } from './failure-text.ts';
import {
  type RunView,
  crossesText,
  drawnMark,
  drivenSeconds,
  holds,
  latencyLimits,
  loadAxis,
  loadOf,
  loadText,
  markOf,
  resultOf,
  stageStarts,
} from './run-view.ts';
import { booksTable, drivenLate, failuresByStage, notJudged, stageTable, undecided } from './stage-table.ts';
import { thinTimeline } from './thin-timeline.ts';

/** Load and latency: the main chart and what belongs to it. */
export function loadSection(view: RunView): Block[] {
  if (view.analysis.stages.every(({ due }) => due === 0))
    return [{ kind: 'text', text: 'No load was measured, so there are no figures of it.', tone: 'muted' }];
  const reasons = [...notJudged(view), ...drivenLate(view), ...undecided(view)];
  return [
    ...overLoad(view),
    { kind: 'heading', level: 2, text: 'Stages', brief: true },
    stageTable(view),
    ...reasons.map((text): Block => ({ kind: 'text', text, tone: 'warning', brief: true })),
    ...failuresByStage(view).map((text): Block => ({ kind: 'text', text, tone: 'warning', brief: true })),
    ...completed(view),
    ...losses(view),
    ...overTime(view),
    ...failureKinds(view),
    booksTable(view),
  ];
}

const quantiles = { '0.5': 'p50', '0.9': 'p90', '0.99': 'p99' } as const;

function overLoad(view: RunView): Block[] {
  const { analysis, plan } = view;
  const closed = plan.loadProfile.kind === 'closed';
  const stages = holds(view).filter(({ responseTimeMs }) => responseTimeMs['0.5'] !== null);
  const scattered = stages.length < 2;
  const points = scattered ? rampPoints(view) : stages.flatMap((stage) => stagePoints(view, stage));
  const distinct = new Set(points.map(({ load }) => load));
  if (distinct.size < 2)
    return [
      {
        kind: 'text',
        text: 'Latency over load is not drawn: fewer than two loads have a response time. Latency over time is below.',
        tone: 'muted',
      },
    ];
  const how = scattered
    ? 'One point per second of the ramp, without intervals.'
    : 'Points are stages, upright bars their 95% intervals.';
  const which = closed
    ? ' Closed loop: each user waits for an answer before asking again, so the axis counts users and slow answers lower the rate.'
    : '';
  return [
    {
      kind: 'chart',
      id: 'latency-over-load',
      title: 'Response time over load',
      description: `${how}${which} ${waterText(view)} ${scattered ? '' : fittedText(view)}`.trim(),
      width: 'wide',
      height: 380,
      specification: latencyOverLoad({
        axis: loadAxis(view),
        points,
        scattered,
        objectives: latencyLimits(view),
        waterLevel: analysis.capacity.waterLevelPerSecond,
        fitted: scattered ? [] : fittedPoints(view),
        levels:
          analysis.capacity.levels === null
            ? null
            : { green: analysis.capacity.levels.greenPerSecond, yellow: analysis.capacity.levels.yellowPerSecond },
      }),
      ...(scattered ? rampRows(view) : latencyRows(view, stages)),
    },
  ];
}

/** Curves through the quantiles; none in a closed loop, whose axis counts users. */
function fittedPoints({ analysis }: RunView): FittedPoint[] {
  return analysis.detail.latencyCurves.flatMap(({ quantile, drawn }) => {
    const name = isQuantile(quantile) ? quantiles[quantile] : null;
    if (name === null) return [];
    return drawn.map(({ ratePerSecond, estimateMs, lowMs, highMs }) => ({
      load: ratePerSecond,
      quantile: name,
      valueMs: estimateMs,
      lowMs,
      highMs,
    }));
  });
}

function fittedText({ analysis }: RunView): string {
  const [first] = analysis.detail.latencyCurves.filter(({ drawn }) => drawn.length > 0);
  return first === undefined ? '' : `Dashed: a queueing curve ${first.note}, with its 95% band.`;
}

function waterText({ analysis }: RunView): string {
  const level = analysis.capacity.waterLevelPerSecond;
  if (level === null) return '';
  const missed = level.high === null ? 'no level was missed' : `${formatRate(level.high)} missed an objective`;
  return `The upright line with the ring is the water-level, ${formatRate(level.low)}: up to there every objective held, ${missed}.`;
}

function stagePoints(view: RunView, stage: StageAnalysis): LoadPoint[] {
  const mark = view.plan.objectives.length === 0 && markOf(stage) === 'undecided' ? 'not judged' : markOf(stage);
  return Object.entries(quantiles).flatMap(([key, quantile]): LoadPoint[] => {
    const estimate = isQuantile(key) ? stage.responseTimeMs[key] : null;
    if (estimate === null) return [];
    const { estimate: valueMs, low: lowMs, high: highMs } = estimate;
    return [{ load: loadOf(view, stage), mark, quantile, valueMs, lowMs, highMs }];
  });
}

function isQuantile(key: string): key is keyof typeof quantiles {
  return Object.hasOwn(quantiles, key);
}

function latencyRows(view: RunView, stages: readonly StageAnalysis[]): Pick<Chart, 'columns' | 'rows'> {
  const keys = ['0.5', '0.9', '0.99'] as const;
  const scale = scaleFor(
    'ms',
    stages.map(({ responseTimeMs }) => responseTimeMs['0.99']?.estimate ?? null),
  );
  const cell = (value: Estimate | null): string =>
    value === null
      ? unknownText
      : `${formatIn(scale, value.estimate)} (${formatInterval(scale, value.low, value.high)})`;
  return {
    columns: ['stage', 'load', ...keys.map((key) => `${quantiles[key]}, ${scale.symbol} (95% interval)`), 'result'],
    rows: stages.map((stage) => [
      String(stage.index),
      loadText(view, stage.index),
      ...keys.map((key) => cell(stage.responseTimeMs[key])),
      resultOf(view, stage).text,
    ]),
  };
}

/** The seconds of all ramps: the load of each is what was due in it. */
function rampSeconds({ analysis }: RunView): readonly TimelinePoint[] {
  const ramps = new Set(analysis.stages.filter(({ kind }) => kind === 'ramp').map(({ index }) => index));
  return analysis.detail.timeline.filter(({ stage }) => ramps.has(stage));
}

function rampPoints(view: RunView): LoadPoint[] {
  return rampSeconds(view).flatMap((point) =>
    (['p50', 'p99'] as const).flatMap((quantile): LoadPoint[] => {
      const valueMs = point[`${quantile}Ms`];
      if (valueMs === null) return [];
      return [{ load: point.due, mark: 'not judged', quantile, valueMs, lowMs: valueMs, highMs: valueMs }];
    }),
  );
}

function rampRows(view: RunView): Pick<Chart, 'columns' | 'rows'> {
  const { points } = thinTimeline(rampSeconds(view), mostRows);
  const scale = scaleFor(
    'ms',
    points.map(({ p99Ms }) => p99Ms),
  );
  return {
    columns: ['second', 'due', `p50, ${scale.symbol}`, `p99, ${scale.symbol}`],
    rows: points.map(({ second, due, p50Ms, p99Ms }) => [
      formatCount(second),
      formatCount(due),
      formatIn(scale, p50Ms),
      formatIn(scale, p99Ms),
    ]),
  };
}

function completed(view: RunView): Block[] {
  if (view.plan.loadProfile.kind === 'closed') return closedThroughput(view);
  const stages = withCompleted(holds(view));
  if (stages.length < 2) return [];
  return [
    {
      kind: 'chart',
      id: 'offered-and-completed',
      title: 'Offered and completed',
      description:
        'Good answers complete per second of the steady window, whenever their requests were due, against requests due per second. Below the dotted line requests pile up or are lost.' +
        crossesText(stages),
      width: 'half',
      height: 260,
      specification: offeredAndCompleted(
        stages.map((stage) => ({
          offered: stage.offeredPerSecond,
          completed: stage.completedPerSecond,
          mark: drawnMark(stage),
        })),
      ),
      columns: ['stage', 'offered', 'completed', 'completed / offered'],
      rows: stages.map(({ index, offeredPerSecond, completedPerSecond }) => [
        String(index),
        formatRate(offeredPerSecond),
        formatRate(completedPerSecond),
        formatPercent(completedPerSecond / offeredPerSecond),
      ]),
    },
  ];
}

/** Stages whose steady window was reached. */
function withCompleted(stages: readonly StageAnalysis[]): (StageAnalysis & { completedPerSecond: number })[] {
  return stages.flatMap((stage) =>
    stage.completedPerSecond === null ? [] : [{ ...stage, completedPerSecond: stage.completedPerSecond }],
  );
}

function closedThroughput(view: RunView): Block[] {
  const stages = withCompleted(holds(view));
  if (stages.length < 2) return [];
  return [
    {
      kind: 'chart',
      id: 'throughput-over-users',
      title: 'Throughput over users',
      description:
        'Good answers complete per second. Where it stops growing, more users only wait longer.' + crossesText(stages),
      width: 'half',
      height: 260,
      specification: linesOverLoad({
        axis: loadAxis(view),
        title: 'completed',
        unit: '1/s',
        series: [
          {
            name: 'completed',
            points: stages.map((stage) => ({
              load: loadOf(view, stage),
              value: stage.completedPerSecond,
              mark: drawnMark(stage),
            })),
          },
        ],
        limit: null,
      }),
      columns: ['stage', 'users', 'completed'],
      rows: stages.map((stage) => [
        String(stage.index),
        loadText(view, stage.index),
        formatRate(stage.completedPerSecond),
      ]),
    },
  ];
}

const lossKinds = [
  ['failed', 'failed'],
  ['shed', 'shed (429, 503)'],
  ['dropped', 'dropped, never sent'],
  ['inFlightAtEnd', 'unanswered at the end'],
] as const;

function losses(view: RunView): Block[] {
  const stages = holds(view).filter(({ due }) => due > 0);
  if (stages.length === 0) return [];
  const present = lossKinds.filter(([key]) => stages.some((stage) => stage[key] > 0));
  if (present.length === 0)
    return [
      {
        kind: 'text',
        text: 'No request failed, was shed, dropped or left unanswered in any hold stage.',
        tone: 'good',
      },
    ];
  if (stages.length < 2) return [];
  return [
    {
      kind: 'chart',
      id: 'losses-over-load',
      title: 'Requests without a good answer',
      description: `Share of the due requests, by what became of them.${crossesText(stages)}`,
      width: 'half',
      height: 260,
      specification: linesOverLoad({
        axis: loadAxis(view),
        title: 'of due requests',
        unit: 'ratio',
        series: present.map(([key, name]) => ({
          name,
          points: stages.map((stage) => ({
            load: loadOf(view, stage),
            value: stage[key] / stage.due,
            mark: drawnMark(stage),
          })),
        })),
        limit: null,
      }),
      columns: ['stage', 'load', ...present.map(([, name]) => name)],
      rows: stages.map((stage) => [
        String(stage.index),
        loadText(view, stage.index),
        ...present.map(([key]) => formatPercent(stage[key] / stage.due)),
      ]),
    },
  ];
}

/** Points of a chart over time, and rows of its table: more can't be told apart or read. */
const mostPoints = 1200;
const mostRows = 120;

function overTime(view: RunView): Block[] {
  const driven = drivenSeconds(view);
  const timeline = view.analysis.detail.timeline.filter(({ second }) => second < driven);
  if (!timeline.some(({ p99Ms }) => p99Ms !== null)) return [];
  const drawn = thinTimeline(timeline, mostPoints);
  const listed = thinTimeline(timeline, mostRows);
  const scale = scaleFor(
    'ms',
    timeline.map(({ p99Ms }) => p99Ms),
  );
  return [
    {
      kind: 'chart',
      id: 'latency-over-time',
      title: 'Response time over time',
      description:
        'p50 and p99 of the requests due in each second; a second in which nothing was done is a gap. Upright lines: stages begin.' +
        (drawn.width === 1 ? '' : ` The worst of every ${drawn.width} seconds is drawn.`),
      width: 'wide',
      height: 260,
      specification: latencyOverTime({
        points: drawn.points,
        stages: stageStarts(view),
        objectives: latencyLimits(view),
      }),
      columns: ['second', 'stage', 'due', 'done', 'failed', `p50, ${scale.symbol}`, `p99, ${scale.symbol}`],
      rows: listed.points.map(({ second, stage, due, done, failed, p50Ms, p99Ms }) => [
        formatCount(second),
        String(stage),
        formatCount(due),
        formatCount(done),
        formatCount(failed),
        formatIn(scale, p50Ms),
        formatIn(scale, p99Ms),
      ]),
      ...(listed.width === 1
        ? {}
        : { rowsNote: `Each row is ${listed.width} seconds: sums of requests, the worst of the times.` }),
    },
  ];
}

function failureKinds(view: RunView): Block[] {
  const rows = view.analysis.stages.flatMap((stage) =>
    failureCounts([stage]).map(([how, count]) => ({ index: stage.index, how, count })),
  );
  if (rows.length === 0) return [];
  return [
    buildTable('How requests failed', [
      counts(
        'stage',
        rows.map(({ index }) => index),
      ),
      texts(
        'failure',
        rows.map(({ how }) => how),
      ),
      counts(
        'requests',
        rows.map(({ count }) => count),
      ),
    ]),
  ];
}
