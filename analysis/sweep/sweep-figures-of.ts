import { combineStages } from './combine-stages.ts';
import { environmentWarnings } from './environment-warnings.ts';
import { gridCells } from './grid-design.ts';
import { sameSettings, settingsText } from './same-settings.ts';
import type { SweepDesign } from './sweep-design.ts';
import type {
  CellSettings,
  Factor,
  ObservedStage,
  SweepCell,
  SweepFigures,
  SweepRun,
  SweepWarning,
} from '../../model/sweep-figures.ts';

export interface SweepOrder {
  readonly design: SweepFigures['design'];
  readonly factors: readonly Factor[];
  /** Runs of each cell. */
  readonly repeats: number;
  readonly seed: number;
}

/** What the runs so far say, cell by cell in the order of the grid. */
export function sweepFiguresOf(runs: readonly SweepRun[], order: SweepOrder, design: SweepDesign): SweepFigures {
  const cells = gridCells(order.factors).map((settings) =>
    cellOf(
      settings,
      runs.filter((run) => sameSettings(run.settings, settings)),
      order.repeats,
    ),
  );
  const finished = design(runs).kind === 'done';
  const { design: name, factors, repeats, seed } = order;
  return {
    design: name,
    factors,
    repeats,
    seed,
    finished,
    cells,
    recommended: null,
    recommendedReason: 'no model of these factors was fitted, so nothing beyond the measured cells is said',
    verification: null,
    warnings: [...cells.flatMap((cell) => cellWarnings(cell, finished)), ...environmentWarnings(runs, order.factors)],
  };
}

function cellOf(settings: CellSettings, runs: readonly SweepRun[], repeats: number): SweepCell {
  const indices = [...new Set(runs.flatMap(({ stages }) => stages.map(({ observed }) => observed.index)))];
  const stages = indices
    .toSorted((a, b) => a - b)
    .flatMap((index): readonly ObservedStage[] => {
      const [first, ...others] = validAt(runs, index);
      return first === undefined ? [] : [combineStages([first, ...others])];
    });
  const shown = shownStage(runs);
  const observed = stages.find(({ index }) => index === shown) ?? null;
  return {
    settings,
    runs: runs.map(({ run }) => run),
    status: statusOf(runs, observed, repeats),
    reasons: runs.flatMap((run) => {
      const reason = whyNot(run, shown);
      return reason === null ? [] : [`run ${run.repeat}: ${reason}`];
    }),
    observed,
    stages,
    predicted: null,
  };
}

const validAt = (runs: readonly SweepRun[], index: number): readonly ObservedStage[] =>
  runs.flatMap(({ stages }) =>
    stages
      .filter(({ observed, validity }) => observed.index === index && validity.status === 'valid')
      .map(({ observed }) => observed),
  );

/** The hold stage with the highest load, of the runs that have stages: the same in all. */
function shownStage(runs: readonly SweepRun[]): number | null {
  const stages = runs.find((run) => run.stages.length > 0)?.stages.map(({ observed }) => observed) ?? [];
  return (
    stages.reduce<ObservedStage | null>((most, each) => (most === null || each.load > most.load ? each : most), null)
      ?.index ?? null
  );
}

function statusOf(runs: readonly SweepRun[], observed: ObservedStage | null, repeats: number): SweepCell['status'] {
  if (runs.length === 0) return 'pending';
  if (observed !== null) return observed.runs === repeats ? 'measured' : 'partly';
  return runs.every(({ outcome }) => outcome.status !== 'completed') ? 'failed' : 'invalid';
}

/** Why a run does not count at the stage that is shown; null where it does. */
function whyNot({ outcome, stages }: SweepRun, shown: number | null): string | null {
  const validity = stages.find(({ observed }) => observed.index === shown)?.validity ?? null;
  if (validity?.status === 'valid') return null;
  if (outcome.status !== 'completed') return outcome.reason;
  return validity === null ? 'nothing was measured' : `not valid: ${validity.reasons.join(', ')}`;
}

function cellWarnings({ settings, status, reasons }: SweepCell, finished: boolean): readonly SweepWarning[] {
  const name = settingsText(settings);
  const because = reasons.join('; ');
  switch (status) {
    case 'measured':
      return [];
    case 'partly':
      return finished
        ? [{ code: 'cell-partly-measured', message: `${name} rests on fewer runs than asked for: ${because}` }]
        : [];
    case 'invalid':
    case 'failed':
      return [{ code: 'cell-not-measured', message: `${name} was not measured: ${because}` }];
    case 'pending':
      return finished ? [{ code: 'cell-not-measured', message: `${name} has no run` }] : [];
    default:
      return status satisfies never;
  }
}
