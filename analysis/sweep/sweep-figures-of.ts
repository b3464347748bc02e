import { combineStages } from './combine-stages.ts';
import { type CollectorOfCells, type SweptTarget, collectorOfCells } from './collector-of-cells.ts';
import { environmentWarnings } from './environment-warnings.ts';
import { sameSettings, settingsText } from './same-settings.ts';
import { shownStage, whyNot } from './shown-stage.ts';
import type { SweepDesign } from './sweep-design.ts';
import type {
  CellSettings,
  Factor,
  ObservedStage,
  Recommendation,
  SweepCell,
  SweepFigures,
  SweepWarning,
} from '../../model/sweep-figures.ts';
import type { SweepRun } from './sweep-run.ts';
import { verificationOf } from './verification-of.ts';

export interface SweepOrder {
  readonly design: SweepFigures['design'];
  readonly factors: readonly Factor[];
  /** Runs of each cell. */
  readonly repeats: number;
  readonly seed: number;
}

/** What the runs so far say, cell by cell, beside what a model of the others says of each. */
export function sweepFiguresOf(
  runs: readonly SweepRun[],
  order: SweepOrder,
  design: SweepDesign,
  target: SweptTarget,
): SweepFigures {
  const { factors, repeats, seed } = order;
  const ofCells = runs.filter(({ purpose }) => purpose === 'cell');
  const seen = design.cells(ofCells).map((settings) =>
    cellOf(
      settings,
      ofCells.filter((run) => sameSettings(run.settings, settings)),
      repeats,
    ),
  );
  const finished = design.next(ofCells).kind === 'done';
  const model = collectorOfCells(ofCells, factors, target, seed);
  const rate = highestRate(seen);
  const cells = seen.map((cell) =>
    model.status === 'unknown' || cell.status === 'pending'
      ? cell
      : { ...cell, predicted: model.predict(cell.settings, cell.observed?.completedPerSecond?.estimate ?? rate) },
  );
  const concluded = design.conclude?.(ofCells) ?? null;
  const { recommended, reason } = concluded ?? recommendedBy(model, finished, rate);
  return {
    design: order.design,
    factors,
    repeats,
    seed,
    finished,
    cells,
    unpredictedReason: model.status === 'unknown' ? model.reason : null,
    recommended,
    recommendedReason: recommended === null ? reason : null,
    verification: recommended === null ? null : verificationOf(runs, recommended, target),
    pool: concluded?.pool ?? null,
    warnings: [...cells.flatMap((cell) => cellWarnings(cell, finished)), ...environmentWarnings(ofCells, factors)],
  };
}

function recommendedBy(
  model: CollectorOfCells,
  finished: boolean,
  rate: number,
): { readonly recommended: Recommendation | null; readonly reason: string } {
  if (model.status === 'unknown') return { recommended: null, reason: model.reason };
  return finished ? model.recommend(rate) : { recommended: null, reason: 'the sweep is not over' };
}

/** What the cells answered at the load that is shown of them. */
const highestRate = (cells: readonly SweepCell[]): number =>
  Math.max(0, ...cells.map(({ observed }) => observed?.completedPerSecond?.estimate ?? 0));

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

function statusOf(runs: readonly SweepRun[], observed: ObservedStage | null, repeats: number): SweepCell['status'] {
  if (runs.length === 0) return 'pending';
  if (observed !== null) return observed.runs >= repeats ? 'measured' : 'partly';
  return runs.every(({ outcome }) => outcome.status !== 'completed') ? 'failed' : 'invalid';
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
