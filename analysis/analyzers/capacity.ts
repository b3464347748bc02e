import type { Stage } from '../../model/load-profile.ts';
import { rateText } from '../../model/rate-text.ts';
import type { Capacity, Warning } from '../analysis.ts';
import { defineAnalyzer } from './analyzer.ts';
import { keptUp } from './kept-up.ts';
import { heldAt } from './objectives.ts';
import { warn } from './warn.ts';

/** A level of load: all hold stages of one offered rate. */
interface Level {
  readonly perSecond: number;
  /** Whether the objectives held; null where it could not be judged. */
  readonly held: boolean | null;
  /** Whether nearly all that was asked for was done; null where the stage is not valid. */
  readonly kept: boolean | null;
}

export interface CapacityAnswer {
  readonly capacity: Pick<Capacity, 'waterLevelPerSecond' | 'saturationPerSecond' | 'levels'>;
  readonly warnings: readonly Warning[];
}

/** Shares of the water-level up to which the load is green, then yellow (cli.md). */
const green = 0.7;
const yellow = 0.85;

/**
 * Brackets of the water-level (highest load that holds the objectives) and of saturation (highest load that is done).
 * Low is the highest level at which it and all below held, high the lowest that did not. A level that could not be
 * judged, because its stage is invalid or its interval straddles a limit, neither holds nor misses: it widens the bracket.
 */
export const capacityBracket = defineAnalyzer({
  name: 'capacity',
  needs: ['plan', 'figures', 'validity', 'objectives'],
  wants: [],
  answer: ({ plan, figures, validity, objectives }): CapacityAnswer => {
    const warnings: Warning[] = [];
    if (plan.loadProfile.kind === 'closed') return { capacity: closedLoop, warnings };
    const byRate = new Map<number, Level>();
    for (const [index, stage] of plan.loadProfile.stages.entries()) {
      const seen = figures[index]?.stage;
      if (stage.kind !== 'hold' || seen === undefined) continue;
      const valid = validity[index]?.status === 'valid';
      const level = {
        perSecond: rateOfHold(stage),
        held: valid ? heldAt(objectives, index) : null,
        kept: valid ? keptUp(seen, validity[index], plan.steadyWindows[index]) : null,
      };
      byRate.set(level.perSecond, worse(byRate.get(level.perSecond) ?? level, level));
    }
    const levels = [...byRate.values()].toSorted((left, right) => left.perSecond - right.perSecond);
    const asked = plan.objectives.length > 0;
    const waterLevel = asked ? bracket(levels, ({ held }) => held, 'water-level', warnings) : null;
    const saturation = bracket(levels, ({ kept }) => kept, 'saturation', warnings);
    return {
      capacity: {
        waterLevelPerSecond: waterLevel,
        saturationPerSecond: saturation,
        levels:
          waterLevel === null
            ? null
            : {
                greenPerSecond: green * waterLevel.estimate,
                yellowPerSecond: yellow * waterLevel.estimate,
                redPerSecond: waterLevel.estimate,
              },
      },
      warnings,
    };
  },
});

/** Of a run that measured no load. */
export const noCapacity: CapacityAnswer = {
  capacity: {
    waterLevelPerSecond: null,
    saturationPerSecond: null,
    levels: null,
  },
  warnings: [],
};

const closedLoop: CapacityAnswer['capacity'] = {
  waterLevelPerSecond: null,
  saturationPerSecond: null,
  levels: null,
};

function rateOfHold(stage: Stage): number {
  return 'startPerSecond' in stage ? stage.startPerSecond : Number.NaN;
}

/** Stages of the same rate are one level, which holds only where all of them do. */
function worse(left: Level, right: Level): Level {
  return { perSecond: left.perSecond, held: both(left.held, right.held), kept: both(left.kept, right.kept) };
}

function both(left: boolean | null, right: boolean | null): boolean | null {
  if (left === false || right === false) return false;
  return left === null || right === null ? null : true;
}

function bracket(
  levels: readonly Level[],
  of: (level: Level) => boolean | null,
  name: 'water-level' | 'saturation',
  warnings: Warning[],
): Capacity['waterLevelPerSecond'] {
  const first = levels.findIndex((level) => of(level) !== true);
  const low = levels[(first === -1 ? levels.length : first) - 1];
  const missed = levels.find((level) => of(level) === false);
  const doubtful = levels.some(
    (level) => of(level) === null && (missed === undefined || level.perSecond < missed.perSecond),
  );
  if (doubtful)
    warnings.push(warn(`${name}-bracket-widened`, `a level inside the bracket of the ${name} could not be judged`));
  if (low === undefined) {
    const below =
      missed === undefined
        ? 'no level could be judged'
        : `it lies below ${rateText(missed.perSecond)}, the lowest level that was missed`;
    if (levels.length > 0) warnings.push(warn(`${name}-unknown`, `the ${name} is not known: ${below}`));
    return null;
  }
  if (missed === undefined)
    warnings.push(
      warn(`${name}-beyond-range`, `nothing was missed: the ${name} is at least ${rateText(low.perSecond)}`),
    );
  else if (levels.some((level) => of(level) === true && level.perSecond > missed.perSecond))
    warnings.push(warn(`${name}-not-monotone`, `a level above one that missed held again`));
  return { estimate: low.perSecond, low: low.perSecond, high: missed?.perSecond ?? null };
}
