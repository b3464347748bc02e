import { momentsOf } from './moments.ts';

/**
 * How many independent values an autocorrelated series is worth, n / (1 + 2 Σ ρ_k), the sum taken over Geyer's initial
 * positive sequence: pairs ρ_2k + ρ_2k+1 until one is not positive. Never more than n.
 *
 * Source: Geyer, "Practical Markov chain Monte Carlo", Statistical Science 7 (1992), section 3.3.
 * Tested against an own NumPy transcription and the known answer for AR(1) (fixtures/reference/effective-sample-size.json).
 */
export function effectiveSampleSize(series: readonly number[]): number {
  const count = series.length;
  if (count < 4) return count;
  const { mean } = momentsOf(series);
  const covariance = (lag: number): number => {
    let sum = 0;
    for (let index = 0; index + lag < count; index++)
      sum += ((series[index] ?? 0) - mean) * ((series[index + lag] ?? 0) - mean);
    return sum / count;
  };
  const variance = covariance(0);
  if (variance === 0) return count;
  let time = -1;
  for (let lag = 0; lag + 1 < count; lag += 2) {
    const pair = (covariance(lag) + covariance(lag + 1)) / variance;
    if (pair <= 0) break;
    time += 2 * pair;
  }
  return Math.min(count, count / Math.max(1, time));
}

/**
 * The cheap version for short series: n (1 − r) / (1 + r) with the lag-1 autocorrelation r, as if the series were
 * AR(1); n where r ≤ 0.
 */
export function effectiveSampleSizeLag1(series: readonly number[]): number {
  if (series.length < 3) return series.length;
  const { lag1 } = momentsOf(series);
  return lag1 <= 0 ? series.length : (series.length * (1 - lag1)) / (1 + lag1);
}
