import type { HistoryEntry, HistoryStage } from '../../model/history-entry.ts';
import { type RunMetricName, isLatencyMetric, runMetrics } from '../../model/run-metrics.ts';

/** Which numbers of a history make the series. */
export interface SeriesAsked {
  readonly scenario: string;
  readonly metric: RunMetricName;
  /** Null: the one with the highest load. */
  readonly stage: number | null;
  /** Each night over the reference of the same pair. */
  readonly toReference: boolean;
}

/** A night of a series. */
export interface Night {
  readonly run: string;
  readonly commit: string | null;
  /** Null: a gap, for a reason that `gap` says. */
  readonly value: number | null;
  readonly gap: string | null;
}

/**
 * The candidates of a scenario, oldest first, as one number a night. A night whose run is not ok or whose stage is not
 * valid is a gap, and so is one without a reference where the series is over it: what two versions of the same night have
 * in common (a slow machine) drops out of their ratio.
 *
 * Where the generator was late in any of the nights, times are service times in all of them: a change of clock would be
 * found as a change of the target.
 */
export function seriesOfHistory(entries: readonly HistoryEntry[], asked: SeriesAsked): readonly Night[] {
  const own = entries.filter(({ scenario }) => scenario === asked.scenario);
  const stages = own.map((entry) => stageOf(entry, asked.stage));
  const key = keyOf(
    asked.metric,
    stages.some((stage) => stage?.late === true),
  );
  const references = own.filter(({ arm }) => arm === 'reference');
  return own
    .filter(({ arm }) => arm === 'candidate')
    .map((entry): Night => {
      const { run, commit, pair } = entry;
      const seen = figureOf(entry, asked.stage, key);
      if (!asked.toReference || typeof seen === 'string') return { run, commit, ...nightOf(seen) };
      const beside = pair === null ? [] : references.filter((reference) => reference.pair === pair);
      const [reference] = beside;
      if (reference === undefined) return { run, commit, ...nightOf('no reference ran with it') };
      if (beside.length > 1) return { run, commit, ...nightOf(`${beside.length} references have its pair`) };
      const other = figureOf(reference, asked.stage, key);
      if (typeof other === 'string') return { run, commit, ...nightOf(`of its reference ${other}`) };
      return { run, commit, ...nightOf(other > 0 ? seen / other : 'its reference is 0') };
    });
}

const nightOf = (seen: number | string): Pick<Night, 'value' | 'gap'> =>
  typeof seen === 'string' ? { value: null, gap: seen } : { value: seen, gap: null };

function stageOf({ stages }: HistoryEntry, index: number | null): HistoryStage | undefined {
  return index === null
    ? stages.toSorted((left, right) => right.load - left.load)[0]
    : stages.find((stage) => stage.index === index);
}

function keyOf(metric: RunMetricName, late: boolean): string {
  const { key } = runMetrics[metric];
  return late && isLatencyMetric(metric) ? `serviceP${key.slice(1)}` : key;
}

/** The number, or why there is none. */
function figureOf(entry: HistoryEntry, index: number | null, key: string): number | string {
  const { status, reasons } = entry.validity;
  if (status !== 'ok') return `the run is ${status}: ${reasons.join('; ')}`;
  const stage = stageOf(entry, index);
  if (stage === undefined) return 'the stage was not measured';
  return stage.figures[key] ?? 'it was not measured';
}
