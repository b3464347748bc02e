import { perSecond, seconds } from '../../../model/units.ts';
import type { ClosedNetwork, NetworkFigures } from './network.ts';
import { classFigures } from './station-figures.ts';

/**
 * Closed network by Bard and Schweitzer's approximate mean value analysis, for populations that are too many to count:
 * an arriving job is taken to see Q (N − 1) / N of its own class. Several servers by Seidmann's approximation: one of m
 * times the speed behind a delay of D (m − 1) / m. On the networks of fixtures/reference/queueing.json the throughput is
 * up to 7 % too low with one class and up to 15 % with classes of two to four jobs; it is never called exact.
 *
 * Sources: Schweitzer (1979); Bard (1979); Seidmann, Schweitzer and Shalev-Oren, Large Scale Systems 12 (1987).
 *
 * @throws RangeError where the iteration does not come to rest.
 */
export function approximateClosedNetwork({ stations, classes }: ClosedNetwork): NetworkFigures {
  const queues = classes.map(({ population }) => stations.map(() => population / stations.length));
  let throughputs: number[] = [];
  for (let step = 0; ; step++) {
    if (step === mostSteps) throw new RangeError(`no fixed point after ${mostSteps} steps`);
    let change = 0;
    throughputs = classes.map(({ population, thinkTime, demands }, place) => {
      const residences = stations.map(({ servers }, station) => {
        const demand = demands[station]?.demand ?? 0;
        if (servers === 'delay') return demand;
        const seen = queues.reduce((sum, other, index) => {
          const jobs = (other[station] ?? 0) - delayed(index, station);
          return sum + (index === place ? (jobs * (population - 1)) / population : jobs);
        }, 0);
        return (demand / servers) * (1 + seen) + (demand * (servers - 1)) / servers;
      });
      const throughput = population / (thinkTime + residences.reduce((sum, residence) => sum + residence, 0));
      const row = queues[place] ?? [];
      for (const [station, residence] of residences.entries()) {
        change = Math.max(change, Math.abs((row[station] ?? 0) - throughput * residence) / population);
        row[station] = throughput * residence;
      }
      return throughput;
    });
    if (change < smallestChange) break;
  }
  return {
    classes: classes.map((each, place) =>
      classFigures(each, stations, perSecond((throughputs[place] ?? 0) * seconds(1)), queues[place] ?? []),
    ),
    method: 'approximate: Bard and Schweitzer mean value analysis, several servers by Seidmann',
  };

  /** Jobs of a class that are in Seidmann's delay, where nobody sees them. */
  function delayed(place: number, station: number): number {
    const servers = stations[station]?.servers ?? 1;
    const throughput = throughputs[place];
    if (servers === 'delay' || servers === 1 || throughput === undefined) return 0;
    return Math.min(
      queues[place]?.[station] ?? 0,
      (throughput * (classes[place]?.demands[station]?.demand ?? 0) * (servers - 1)) / servers,
    );
  }
}

const mostSteps = 100_000;
const smallestChange = 1e-12;
