import { seededRandom, streamSeed } from '../../model/random.ts';
import { sameSettings } from './same-settings.ts';
import type { SweepDesign } from './sweep-design.ts';
import type { CellSettings, Factor } from '../../model/sweep-figures.ts';

/** Every combination of the factors' values; the last factor changes fastest. */
export function gridCells(factors: readonly Factor[]): readonly CellSettings[] {
  return factors.reduce<readonly CellSettings[]>(
    (cells, { name, values }) => cells.flatMap((cell) => values.map((value) => ({ ...cell, [name]: value }))),
    [{}],
  );
}

/**
 * The full grid as a randomised complete block design: each repeat is a block that holds every cell once, in a random
 * order of its own, so that what drifts with time (a warming machine, a growing database) hits no cell more than others
 * (Montgomery, Design and Analysis of Experiments, ch. 4).
 */
export function gridDesign(factors: readonly Factor[], repeats: number, seed: number): SweepDesign {
  const cells = gridCells(factors);
  const order = Array.from({ length: repeats }, (_, block) =>
    shuffled(cells, streamSeed(seed, block)).map((settings) => ({ settings, repeat: block + 1 })),
  ).flat();
  const next: SweepDesign['next'] = (finished) => {
    const missing = order.find(
      ({ settings, repeat }) => !finished.some((run) => run.repeat === repeat && sameSettings(run.settings, settings)),
    );
    return missing === undefined ? { kind: 'done' } : { kind: 'run', ...missing };
  };
  return { next, cells: () => cells, total: order.length, conclude: null };
}

/** Fisher and Yates. */
function shuffled<T>(items: readonly T[], seed: number): readonly T[] {
  const random = seededRandom(seed);
  const left = [...items];
  return items.flatMap(() => left.splice(random.below(left.length), 1));
}
