import type { SweepOrder } from '../../analysis/sweep/sweep-figures-of.ts';
import type { SweepOptions } from './sweep-options.ts';

export const sweepOrder = ({ factors, repeats, seed, adaptive }: SweepOptions): SweepOrder => ({
  design: adaptive === null ? 'grid' : 'adaptive',
  factors,
  repeats,
  seed,
});
