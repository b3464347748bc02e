import type { Random } from '../../../model/random.ts';

/** The shape of a positive quantity, taken with mean 1: its size is said elsewhere. `cv` = standard deviation / mean. */
export type Distribution =
  | { readonly kind: 'exponential' }
  | { readonly kind: 'constant' }
  | { readonly kind: 'lognormal'; readonly cv: number }
  | { readonly kind: 'gamma'; readonly cv: number }
  /** Two exponentials with balanced means: cv of 1 or more. */
  | { readonly kind: 'hyperexponential'; readonly cv: number }
  /** Drawn from measured values, scaled to mean 1. */
  | { readonly kind: 'measured'; readonly values: readonly number[] };

/**
 * A source of values of that shape with mean 1.
 *
 * Gamma: Marsaglia and Tsang, ACM Transactions on Mathematical Software 26 (2000); normal: Marsaglia's polar method.
 *
 * @throws RangeError for a cv out of range, or values that are not all from 0 with a mean above 0.
 */
export function sampler(distribution: Distribution, random: Random): () => number {
  switch (distribution.kind) {
    case 'exponential':
      return () => random.exponential();
    case 'constant':
      return () => 1;
    case 'lognormal': {
      checkCv(distribution.cv, 0);
      const variance = Math.log1p(distribution.cv ** 2);
      const spread = Math.sqrt(variance);
      const normal = normalSampler(random);
      return () => Math.exp(spread * normal() - variance / 2);
    }
    case 'gamma':
      return gammaSampler(distribution.cv, random);
    case 'hyperexponential': {
      checkCv(distribution.cv, 1);
      const square = distribution.cv ** 2;
      const first = (1 + Math.sqrt((square - 1) / (square + 1))) / 2;
      return () => random.exponential() / (2 * (random.next() < first ? first : 1 - first));
    }
    case 'measured': {
      const { values } = distribution;
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      if (!values.every((value) => value >= 0) || !(mean > 0 && Number.isFinite(mean)))
        throw new RangeError('measured values must be finite, from 0, and not all 0');
      const scaled = Float64Array.from(values, (value) => value / mean);
      return () => scaled[random.below(scaled.length)] ?? 1;
    }
    default:
      return distribution satisfies never;
  }
}

function checkCv(cv: number, least: number): void {
  if (!(cv >= least && Number.isFinite(cv))) throw new RangeError(`cv ${cv} is not a number from ${least}`);
}

function normalSampler(random: Random): () => number {
  let spare = 0;
  let has = false;
  return () => {
    if (has) {
      has = false;
      return spare;
    }
    for (;;) {
      const x = 2 * random.next() - 1;
      const y = 2 * random.next() - 1;
      const square = x * x + y * y;
      if (square >= 1 || square === 0) continue;
      const scale = Math.sqrt((-2 * Math.log(square)) / square);
      spare = y * scale;
      has = true;
      return x * scale;
    }
  };
}

function gammaSampler(cv: number, random: Random): () => number {
  checkCv(cv, 0);
  if (cv === 0) return () => 1;
  const shape = 1 / cv ** 2;
  // Below 1 the method needs a power of a uniform number: gamma(k) = gamma(k + 1) · U^(1/k).
  const boosted = shape < 1 ? shape + 1 : shape;
  const d = boosted - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  const normal = normalSampler(random);
  const draw = (): number => {
    for (;;) {
      const x = normal();
      const v = (1 + c * x) ** 3;
      if (v > 0 && Math.log1p(-random.next()) < (x * x) / 2 + d - d * v + d * Math.log(v)) return d * v;
    }
  };
  return shape < 1 ? () => (draw() * (1 - random.next()) ** (1 / shape)) / shape : () => draw() / shape;
}
