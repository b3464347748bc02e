import { type PerSecond, eventsIn, milliseconds, perSecond, ratio, seconds } from '../../../model/units.ts';
import type { ClassFigures, Demand, Station } from './network.ts';

/**
 * One class's figures from its throughput and its mean number of jobs at each station: the operational laws
 * (Little: residence = jobs / throughput; utilisation = throughput × demand / servers).
 */
export function classFigures(
  { name, demands }: { readonly name: string; readonly demands: readonly Demand[] },
  stations: readonly Station[],
  throughput: PerSecond,
  jobs: readonly number[],
): ClassFigures {
  const figures = stations.map((station, index) => {
    const { visits, demand } = demands[index] ?? { visits: 0, demand: milliseconds(0) };
    const queueLength = jobs[index] ?? 0;
    return {
      name: station.name,
      throughput: perSecond(throughput * visits),
      residence: milliseconds((queueLength / throughput) * seconds(1)),
      queueLength,
      utilization: station.servers === 'delay' ? null : ratio(eventsIn(throughput, demand) / station.servers),
    };
  });
  return {
    name,
    throughput,
    response: milliseconds(figures.reduce((sum, { residence }) => sum + residence, 0)),
    stations: figures,
  };
}
