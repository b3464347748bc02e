import type { Random } from '../../model/random.ts';

/**
 * What a statistic could as well have been, by resampling whole clusters (all measurements of a stage belong together, since
 * they share its circumstances): so many times, as many clusters as there are are drawn with replacement.
 *
 * Source: Davison and Hinkley, Bootstrap Methods and their Application, 1997, 3.8.
 *
 * @param statistic gets the numbers of the clusters drawn; null where it has no value for them, which is drawn again
 * @returns the values; fewer than asked for if nine of ten draws have none
 */
export function bootstrap(
  clusters: number,
  resamples: number,
  random: Random,
  statistic: (drawn: readonly number[]) => number | null,
): readonly number[] {
  const values: number[] = [];
  for (let draw = 0; draw < resamples * mostDraws && values.length < resamples; draw++) {
    const value = statistic(Array.from({ length: clusters }, () => random.below(clusters)));
    if (value !== null) values.push(value);
  }
  return values;
}

const mostDraws = 10;

/** The statistic without each cluster in turn, as the acceleration of `bcaInterval` needs it; those without a value left out. */
export function jackknife(clusters: number, statistic: (kept: readonly number[]) => number | null): readonly number[] {
  const all = Array.from({ length: clusters }, (_, cluster) => cluster);
  return all.flatMap((left) => statistic(all.filter((cluster) => cluster !== left)) ?? []);
}
