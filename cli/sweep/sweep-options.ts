import type { Plan } from '../../model/plan.ts';
import type { Scenario } from '../../model/scenario.ts';
import type { Factor } from '../../model/sweep-figures.ts';
import { type Milliseconds, milliseconds, seconds } from '../../model/units.ts';
import { gridCells, gridDesign } from '../../analysis/sweep/grid-design.ts';
import type { SweepDesign } from '../../analysis/sweep/sweep-design.ts';
import { parseFactors } from '../../scenarios/parse-factors.ts';
import type { Reasons } from '../../scenarios/reasons.ts';
import { settingTexts } from '../../scenarios/target-settings.ts';

/** What a sweep is told beside its plan. */
export interface SweepOptions {
  readonly design: 'grid' | 'adaptive';
  readonly factors: readonly Factor[];
  /** Runs of each cell. */
  readonly repeats: number;
  readonly seed: number;
  /** The scenario's `target.settings`, for what no factor sets. */
  readonly settings: Readonly<Record<string, string>>;
}

export interface SweepFlags {
  readonly vary: readonly string[];
  readonly repeats: number;
  readonly design: SweepOptions['design'];
}

/** Flags and scenario → options; what is wrong with them goes to `reasons`. */
export function sweepOptions(flags: SweepFlags, { target }: Scenario, seed: number, reasons: Reasons): SweepOptions {
  if (!Number.isInteger(flags.repeats) || flags.repeats < 1)
    reasons.add('--repeats', `${flags.repeats} runs of each cell`, 'write a whole number above 0');
  if (flags.design === 'adaptive')
    reasons.add(
      '--design',
      'adaptive, which looks for a pool size from what was measured, is not built yet',
      'write the sizes as a grid: --vary pool=4,8,16,32',
    );
  return {
    design: flags.design,
    factors: parseFactors(flags.vary, target, reasons),
    repeats: flags.repeats,
    seed,
    settings: settingTexts(typeof target === 'object' && 'launch' in target ? target.settings : {}),
  };
}

/** What is wrong with the plan of a scenario that is to be swept. */
export function refuseForSweep({ target, loadProfile }: Plan, reasons: Reasons): void {
  if (target.kind === 'attach')
    reasons.add(
      'target',
      'a sweep starts the service anew for each cell, and this one is started by somebody else',
      "let the scenario start it: target: { launch: ['./service'] }",
    );
  if (!loadProfile.stages.some(({ kind }) => kind === 'hold'))
    reasons.add('load', 'no stage holds its load, so there is nothing to compare', "add { hold: 200, for: '30s' }");
}

/**
 * The plan that all cells start from: the command and the environment as the scenario writes them, so that each cell can
 * fill them in.
 */
export function sweepPlan(plan: Plan, { target: written }: Scenario): Plan {
  const { target } = plan;
  if (target.kind !== 'launch' || typeof written !== 'object' || !('launch' in written)) return plan;
  return {
    ...plan,
    target: { ...target, command: written.launch, environment: { ...target.environment, ...written.environment } },
  };
}

export function designOf({ factors, repeats, seed }: SweepOptions): SweepDesign {
  return gridDesign(factors, repeats, seed);
}

/** Runs that a sweep needs from its beginning to its end. */
export const runsOf = ({ factors, repeats }: SweepOptions): number => gridCells(factors).length * repeats;

/** Beside the load: processes start and stop, the record is written and read. */
const around = seconds(8);

/** About how long one run takes: its stages, the answers still due, what is around them. */
export function runLength({ loadProfile }: Plan): Milliseconds {
  return milliseconds(loadProfile.stages.reduce((sum, { durationMs }) => sum + durationMs, Number(around)));
}
