import type { Analysis, StageAnalysis } from '../../analysis/analysis.ts';
import type { Plan } from '../../model/plan.ts';
import type { Tone } from '../document.ts';
import type { LoadAxis, StageMark } from '../charts/latency-over-load.ts';
import type { StageStart } from '../charts/time-axis.ts';
import { inSeconds } from '../../model/units.ts';
import { formatSetting } from '../format-quantity.ts';

/** What every section of a run's report is made from: what it means, and what was planned. */
export interface RunView {
  readonly analysis: Analysis;
  readonly plan: Plan;
}

/** "1,000/s", "100/s → 5,000/s", "50 users": the load as it was asked for. */
export function loadText({ plan }: RunView, index: number): string {
  const stage = plan.loadProfile.stages[index];
  if (stage === undefined) return `stage ${index}`;
  if ('users' in stage) return stage.users === 1 ? '1 user' : `${formatSetting(stage.users, '1')} users`;
  const from = formatSetting(stage.startPerSecond, '1/s');
  return stage.startPerSecond === stage.endPerSecond ? from : `${from} → ${formatSetting(stage.endPerSecond, '1/s')}`;
}

/** "stage 5 (1,000/s)", as it stands in sentences. */
export function stageText(view: RunView, index: number): string {
  return `stage ${index} (${loadText(view, index)})`;
}

/** "1–4, 6": stages in as few words as possible. */
export function stageList(stages: readonly number[]): string {
  const runs: [number, number][] = [];
  for (const stage of [...stages].toSorted((left, right) => left - right)) {
    const last = runs.at(-1);
    if (last !== undefined && stage === last[1] + 1) last[1] = stage;
    else runs.push([stage, stage]);
  }
  return runs
    .map(([from, to]) => (from === to ? String(from) : to === from + 1 ? `${from}, ${to}` : `${from}–${to}`))
    .join(', ');
}

/** "7 · 1,400/s, invalid": a column's title. */
export function stageTitle(view: RunView, index: number): string {
  const invalid = view.analysis.stages[index]?.validity.status === 'invalid';
  return `${index} · ${loadText(view, index)}${invalid ? ', invalid' : ''}`;
}

/** The x of charts over load: the rate that was really offered or, in a closed loop, the users. */
export function loadOf({ plan }: RunView, stage: StageAnalysis): number {
  const planned = plan.loadProfile.stages[stage.index];
  return planned !== undefined && 'users' in planned ? planned.users : stage.offeredPerSecond;
}

export function loadAxis({ plan }: RunView): LoadAxis {
  return plan.loadProfile.kind === 'closed'
    ? { title: 'users', unit: '1' }
    : { title: 'offered load, requests', unit: '1/s' };
}

/** Stages that say something about a load: holds, the warm-up and ramps left out. */
export function holds({ analysis }: RunView): readonly StageAnalysis[] {
  return analysis.stages.filter(({ kind }) => kind === 'hold');
}

export function markOf(stage: StageAnalysis): StageMark {
  if (stage.validity.status === 'invalid') return 'invalid';
  if (stage.validity.status === 'excluded') return 'not judged';
  return stage.held === true ? 'held' : stage.held === false ? 'missed' : 'undecided';
}

/** How a stage is drawn in charts that don't show whether it held. */
export function drawnMark(stage: StageAnalysis): 'valid' | 'invalid' {
  return markOf(stage) === 'invalid' ? 'invalid' : 'valid';
}

/** What the crosses of such a chart mean; '' where it has none. */
export function crossesText(stages: readonly StageAnalysis[]): string {
  return stages.some((stage) => drawnMark(stage) === 'invalid') ? ' Crosses: invalid stages, not judged.' : '';
}

/** A valid stage in which the generator was late. */
export function isLate({ validity }: StageAnalysis): boolean {
  return validity.status === 'valid' && validity.reasons.length > 0;
}

/** False for stages that an early end left out. */
export function wasReached({ validity }: StageAnalysis): boolean {
  return !validity.reasons.includes('stage-not-reached');
}

/** One word for how a stage went. Without objectives nothing is held or missed, only valid. */
export function resultOf({ plan }: RunView, stage: StageAnalysis): { readonly text: string; readonly tone: Tone } {
  const mark = markOf(stage);
  if (mark === 'not judged') return { text: stage.kind === 'hold' ? 'excluded' : stage.kind, tone: 'muted' };
  if (!wasReached(stage)) return { text: 'not reached', tone: 'muted' };
  if (mark === 'invalid') return { text: 'invalid', tone: 'warning' };
  if (plan.objectives.length === 0 || stage.kind !== 'hold') return { text: 'valid', tone: 'normal' };
  const tones = { held: 'good', missed: 'bad', undecided: 'warning' } as const;
  return { text: mark, tone: tones[mark] };
}

/** Due requests without a good answer, shed ones left out: the share that the `errors` objective is about. */
export function errorShare(stage: StageAnalysis): number | null {
  return stage.due === 0 ? null : (stage.failed + stage.dropped + stage.inFlightAtEnd) / stage.due;
}

/** Seconds of load that were driven: up to the last in which something was due. */
export function drivenSeconds({ analysis }: RunView): number {
  return analysis.detail.timeline.reduce((last, { second, due }) => (due > 0 ? Math.max(last, second + 1) : last), 0);
}

export function stageStarts(view: RunView): readonly StageStart[] {
  let second = 0;
  return view.plan.loadProfile.stages.map((stage, index) => {
    const start = { second, name: stage.kind === 'warm-up' ? 'warm-up' : loadText(view, index) };
    second += inSeconds(stage.durationMs);
    return start;
  });
}

/** Latency objectives on all endpoints together, drawn as lines. */
export function latencyLimits({ plan, analysis }: RunView): readonly { text: string; limitMs: number }[] {
  return plan.objectives.flatMap((objective, index) => {
    const text = analysis.detail.objectives[index] ?? objective.kind;
    if (objective.endpoint !== null) return [];
    if (objective.kind === 'latency-quantile') return [{ text, limitMs: objective.limitMs }];
    return objective.kind === 'within' ? [{ text, limitMs: objective.durationMs }] : [];
  });
}
