/**
 * A seeded source of randomness, the same on every engine and machine: xoshiro128** (Blackman and Vigna, 2018), its
 * state filled from the seed by splitmix32. Own code because a user's `requests` function and the Go engine need the
 * very same stream, and because it is twelve lines.
 */
export interface Random {
  /** Uniform in [0, 1), 53 bits. */
  next(): number;
  /** Whole number, 0 ≤ n < bound. */
  below(bound: number): number;
  /** Exponential with mean 1, for Poisson gaps. */
  exponential(): number;
}

export function seededRandom(seed: number): Random {
  const { random, restart } = restartableRandom();
  restart(seed);
  return random;
}

/** What `seededRandom` gives, again and again: to make one costs k6's interpreter as much as ten numbers of it. */
export interface RestartableRandom {
  readonly random: Random;
  /** From now on `random` is that of the seed. */
  readonly restart: (seed: number) => void;
}

/** It has no seed until it is restarted. */
export function restartableRandom(): RestartableRandom {
  let [mix, a, b, c, d] = [0, 0, 0, 0, 0];
  const splitmix32 = (): number => {
    mix = (mix + 0x9e3779b9) | 0;
    let z = mix;
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return (z ^ (z >>> 15)) >>> 0;
  };
  const restart = (seed: number): void => {
    mix = seed >>> 0;
    a = splitmix32();
    b = splitmix32();
    c = splitmix32();
    d = splitmix32();
  };
  const next32 = (): number => {
    const five = Math.imul(b, 5);
    const result = Math.imul((five << 7) | (five >>> 25), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = (d << 11) | (d >>> 21);
    return result;
  };
  const next = (): number => ((next32() >>> 5) * 67_108_864 + (next32() >>> 6)) / 9_007_199_254_740_992;
  const random: Random = {
    next,
    below: (bound) => Math.floor(next() * bound),
    exponential: () => -Math.log1p(-next()),
  };
  return { random, restart };
}

/** A seed for the n-th independent stream of one run's seed. */
export function streamSeed(seed: number, stream: number): number {
  return (Math.imul(seed ^ 0x5bd1e995, 0x85ebca6b) ^ Math.imul(stream + 1, 0xc2b2ae35)) >>> 0;
}
