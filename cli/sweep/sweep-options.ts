import type { SweptTarget } from '../../analysis/sweep/collector-of-cells.ts';
import { gridDesign } from '../../analysis/sweep/grid-design.ts';
import type { WatchedPool } from '../../analysis/sweep/observe-run.ts';
import { type PoolDesignOrder, poolDesign } from '../../analysis/sweep/pool-design.ts';
import type { SweepDesign } from '../../analysis/sweep/sweep-design.ts';
import type { Plan } from '../../model/plan.ts';
import type { PoolObjective } from '../../model/pool-decision.ts';
import type { Scenario } from '../../model/scenario.ts';
import type { Factor } from '../../model/sweep-figures.ts';
import { type Milliseconds, UnitError, milliseconds, parseDuration, seconds } from '../../model/units.ts';
import { parseFactors, parseSizes } from '../../scenarios/parse-factors.ts';
import type { Reasons } from '../../scenarios/reasons.ts';
import { settingTexts } from '../../scenarios/target-settings.ts';
import { parsePerRequest } from '../parse-per-request.ts';
import { parseWaitObjective } from '../waiting-flags.ts';

/** What a sweep is told beside its plan. */
export interface SweepOptions {
  readonly factors: readonly Factor[];
  /** Runs of each cell. */
  readonly repeats: number;
  /** Of the order of a grid's cells. */
  readonly seed: number;
  /** The scenario's `target.settings`, for what no factor sets. */
  readonly settings: Readonly<Record<string, string>>;
  /** Whether a last run is made at the recommended settings. */
  readonly verify: boolean;
  /** Null: a grid. */
  readonly adaptive: AdaptiveOptions | null;
}

export interface AdaptiveOptions {
  readonly order: PoolDesignOrder;
  readonly watched: WatchedPool;
}

export interface SweepFlags {
  readonly vary: readonly string[];
  readonly repeats: number;
  readonly design: 'grid' | 'adaptive';
  readonly verify: boolean;
  readonly pool: string | undefined;
  readonly waitObjective: string | undefined;
  readonly queriesPerRequest: string | undefined;
}

/** Flags and scenario → options; what is wrong with them goes to `reasons`. */
export function sweepOptions(flags: SweepFlags, { target }: Scenario, seed: number, reasons: Reasons): SweepOptions {
  if (!Number.isInteger(flags.repeats) || flags.repeats < 1)
    reasons.add('--repeats', `${flags.repeats} runs of each cell`, 'write a whole number above 0');
  const settings = settingTexts(typeof target === 'object' && 'launch' in target ? target.settings : {});
  const common = { repeats: flags.repeats, seed, settings, verify: flags.verify };
  if (flags.design === 'adaptive') return { ...common, ...adaptiveOptions(flags, target, settings, reasons) };
  for (const [where, given] of [
    ['--wait-objective', flags.waitObjective],
    ['--pool', flags.pool],
    ['--queries-per-request', flags.queriesPerRequest],
  ] as const)
    if (given !== undefined)
      reasons.add(where, 'goes with --design adaptive', 'leave it out, or add --design adaptive');
  return { ...common, factors: parseFactors(flags.vary, target, reasons), adaptive: null };
}

function adaptiveOptions(
  { vary, repeats, verify, pool, waitObjective, queriesPerRequest }: SweepFlags,
  target: Scenario['target'],
  settings: SweepOptions['settings'],
  reasons: Reasons,
): Pick<SweepOptions, 'factors' | 'adaptive'> {
  const [range, ...others] = vary.flatMap((text) => parseSizes(text, target, reasons) ?? []);
  if (vary.length !== 1 || others.length > 0)
    reasons.add('--vary', 'an adaptive sweep looks for one size', 'write one range, such as --vary pool=2..64');
  if (verify)
    reasons.add('--verify', 'an adaptive sweep recommends what it has measured', 'leave it out, or add --repeats 3');
  const objective = reasons.collect<PoolObjective | null>('--wait-objective', null, () => poolObjective(waitObjective));
  const perRequest =
    queriesPerRequest === undefined
      ? null
      : reasons.collect('--queries-per-request', null, () => parsePerRequest(queriesPerRequest, 'acquisitions'));
  if (range === undefined || objective === null) return { factors: [], adaptive: null };
  const { factor, least, most } = range;
  const given = Number(settings[factor.name] ?? environmentOf(target)[factor.name]);
  const start = given >= least && given <= most ? given : Math.round(Math.sqrt(least * most));
  return {
    factors: [factor],
    adaptive: {
      order: { factor: factor.name, least, most, start, repeats, objective },
      watched: { name: pool ?? null, limit: objective.limit, perRequest },
    },
  };
}

const environmentOf = (target: Scenario['target']): Readonly<Record<string, string>> =>
  typeof target === 'object' && 'launch' in target ? (target.environment ?? {}) : {};

/** 'mean<5ms', or what `size pool` takes. @throws UnitError */
function poolObjective(text: string | undefined): PoolObjective {
  const hint = "write --wait-objective 'mean<5ms', 'p99<5ms' or 'within(5ms)>=99%': how long an acquisition may wait";
  if (text === undefined) throw new UnitError('is missing', hint);
  const mean = /^mean\s*<=?\s*(.+)$/.exec(text.trim())?.[1];
  if (mean === undefined) return { kind: 'wait-over', ...parseWaitObjective(text) };
  const limit = parseDuration(mean);
  if (limit === 0) throw new UnitError(`"${text}" allows no wait at all`, hint);
  return { kind: 'mean-wait', limit };
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

/** What of the target decides about its collector, beside the factors. */
export function sweptTarget({ target }: Plan): SweptTarget {
  if (target.kind !== 'launch') throw new TypeError('a sweep launches its target');
  return { environment: target.environment, memoryLimitBytes: target.limits.memoryBytes };
}

export const designOf = ({ factors, repeats, seed, adaptive }: SweepOptions): SweepDesign =>
  adaptive === null ? gridDesign(factors, repeats, seed) : poolDesign(adaptive.order);

/** Beside the load: processes start and stop, the record is written and read. */
const around = seconds(8);

/** About how long one run takes: its stages, the answers still due, what is around them. */
export function runLength({ loadProfile }: Plan): Milliseconds {
  return milliseconds(loadProfile.stages.reduce((sum, { durationMs }) => sum + durationMs, Number(around)));
}
