import { kibibytes, nanoseconds } from '../../model/units.ts';
import type { Profile } from './profile.ts';

/** What a stage's profile tells costs of. */
export const costTypes = ['cpu', 'alloc', 'mutex', 'block'] as const;
export type CostType = (typeof costTypes)[number];

/** What the samples of a profile say of a cost, one by one. */
export interface SampleWeights {
  /** In `unit`. */
  readonly values: Float64Array;
  /** Variance of each value, by the number of observations behind it. */
  readonly variances: Float64Array;
}

/** The unit of a cost: CPU time, bytes, and time waited. */
export const costUnit = (type: CostType): 'ms' | 'B' => (type === 'alloc' ? 'B' : 'ms');

/** Go's default of runtime.MemProfileRate, for profiles that do not say theirs. */
const usualAllocationRate = kibibytes(512);

/**
 * Each sample's value with its variance, which follows from how the runtime takes samples:
 * - cpu: n times the profiler's period, n as of a Poisson process, so value² / n;
 * - alloc: an allocation of size s is sampled with probability 1 − exp(−s / rate), and what was sampled is scaled up by
 *   it (runtime/pprof, `scaleHeapSample`): behind the object count stand so many times fewer observations;
 * - mutex, block: contentions, whose delays are taken to be exponential, so 2 × value² / n. Of contended locks the
 *   runtime samples one in `SetMutexProfileFraction` and scales up by it, which the profile does not say: n is then too
 *   large, and the scatter between stages has to tell.
 *
 * Negative values, as rounding leaves them in differences of snapshots, count nothing.
 *
 * @returns null where the profile does not hold that cost
 */
export function sampleWeights(profile: Profile, type: CostType): SampleWeights | null {
  const { samples, sampleTypes, period } = profile;
  const [countName, valueName] = columns[type];
  const count = sampleTypes.findIndex((each) => each.type === countName);
  const value = sampleTypes.findIndex((each) => each.type === valueName);
  if (count === -1 || value === -1) return null;
  const rate = period > 1 ? period : usualAllocationRate;
  const values = new Float64Array(samples.count);
  const variances = new Float64Array(samples.count);
  for (let sample = 0; sample < samples.count; sample++) {
    const counted = samples.values[sample * sampleTypes.length + count] ?? 0;
    const raw = samples.values[sample * sampleTypes.length + value] ?? 0;
    if (!(counted > 0 && raw > 0)) continue;
    const own = type === 'alloc' ? raw : nanoseconds(raw);
    const observed = type === 'alloc' ? counted * -Math.expm1(-raw / counted / rate) : counted;
    values[sample] = own;
    variances[sample] = (own ** 2 / observed) * (type === 'mutex' || type === 'block' ? 2 : 1);
  }
  return { values, variances };
}

/** Names of the sample types: how often, and how much. */
const columns: Readonly<Record<CostType, readonly [count: string, value: string]>> = {
  cpu: ['samples', 'cpu'],
  alloc: ['alloc_objects', 'alloc_space'],
  mutex: ['contentions', 'delay'],
  block: ['contentions', 'delay'],
};
