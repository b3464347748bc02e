import type { HistoryArm, HistoryEntry, HistoryStage } from '../../model/history-entry.ts';
import { type RunMetricName, runMetrics } from '../../model/run-metrics.ts';
import { type EpochMilliseconds, between, parseDuration } from '../../model/units.ts';
import type { History } from '../../runners/store/history-file.ts';

/** Which part of a history is shown, and with which figures. */
export interface ListAsked {
  readonly scenario: string | null;
  readonly arm: HistoryArm | null;
  readonly metrics: readonly RunMetricName[];
  /** Null: the one with the highest load of each run. */
  readonly stage: number | null;
  readonly last: number | null;
}

/** The document of `history list`. */
export interface HistoryFigures {
  readonly history: string;
  /** Oldest first. */
  readonly runs: readonly HistoryRow[];
  readonly metrics: readonly { readonly name: RunMetricName; readonly key: string; readonly unit: string }[];
  readonly warnings: readonly HistoryWarning[];
}

export interface HistoryRow extends Omit<HistoryEntry, 'formatVersion' | 'stages'> {
  /** The stage that the figures are of; null where the run has none such. */
  readonly stage: Omit<HistoryStage, 'figures'> | null;
  readonly figures: Readonly<Record<string, number | null>>;
}

export interface HistoryWarning {
  readonly code: 'line-left-out' | 'nights-missing' | 'scenarios-differ' | 'environments-differ';
  readonly message: string;
}

/** Longer than this between two runs of an arm, and a night is missing: schedulers may be hours late. */
const longestGap = parseDuration('36h');

export function historyFigures(file: string, { entries, damaged }: History, asked: ListAsked): HistoryFigures {
  const fitting = entries
    .filter(({ scenario }) => asked.scenario === null || scenario === asked.scenario)
    .filter(({ arm }) => asked.arm === null || arm === asked.arm);
  const shown = asked.last === null ? fitting : fitting.slice(-asked.last);
  return {
    history: file,
    runs: shown.map((entry) => rowOf(entry, asked)),
    metrics: asked.metrics.map((name) => ({ name, key: runMetrics[name].key, unit: runMetrics[name].unit })),
    warnings: [
      ...damaged.map(({ line, reason }): HistoryWarning => ({
        code: 'line-left-out',
        message: `line ${line} of ${file} is left out: ${reason}`,
      })),
      ...missingNights(shown),
      ...unlike('scenarios-differ', shown, 'load or traffic', ({ scenarioHash }) => scenarioHash),
      ...unlike('environments-differ', shown, 'machine or tools', ({ environmentHash }) => environmentHash),
    ],
  };
}

function rowOf(
  { formatVersion: _format, stages, ...entry }: HistoryEntry,
  { stage: index, metrics }: ListAsked,
): HistoryRow {
  const highest = stages.toSorted((left, right) => right.load - left.load)[0];
  const found = index === null ? highest : stages.find((stage) => stage.index === index);
  return {
    ...entry,
    stage: found === undefined ? null : withoutFigures(found),
    figures: Object.fromEntries(
      metrics.map((name) => [runMetrics[name].key, found?.figures[runMetrics[name].key] ?? null]),
    ),
  };
}

const withoutFigures = ({ figures: _figures, ...stage }: HistoryStage): Omit<HistoryStage, 'figures'> => stage;

/** Of each scenario and arm: from when to when there was no run. */
function missingNights(entries: readonly HistoryEntry[]): readonly HistoryWarning[] {
  const series = Map.groupBy(entries, ({ scenario, arm }) => `${arm} of ${scenario}`);
  return [...series].flatMap(([name, runs]) =>
    runs.flatMap(({ startedAt }, at): readonly HistoryWarning[] => {
      const before = runs[at - 1]?.startedAt;
      if (before === undefined || between(before, startedAt) <= longestGap) return [];
      return [
        {
          code: 'nights-missing',
          message: `${name}: no run from ${dayOf(before)} to ${dayOf(startedAt)}`,
        },
      ];
    }),
  );
}

const dayOf = (instant: EpochMilliseconds): string => new Date(instant).toISOString().slice(0, 10);

/** Runs of one name that are no series. */
function unlike(
  code: HistoryWarning['code'],
  entries: readonly HistoryEntry[],
  what: string,
  hashOf: (entry: HistoryEntry) => string,
): readonly HistoryWarning[] {
  return [...Map.groupBy(entries, ({ scenario }) => scenario)].flatMap(([name, runs]): readonly HistoryWarning[] => {
    const changes = runs.filter((run, at) => at > 0 && hashOf(run) !== hashOf(runs[at - 1] ?? run));
    return changes.length === 0
      ? []
      : [
          {
            code,
            message: `${name}: ${what} changed with ${changes.map(({ run }) => run).join(', ')}: figures before and after are no one series`,
          },
        ];
  });
}
