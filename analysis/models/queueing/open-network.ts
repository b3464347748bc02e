import { eventsIn, milliseconds } from '../../../model/units.ts';
import { erlangC } from './erlang-c.ts';
import type { NetworkFigures, OpenNetwork } from './network.ts';
import { classFigures } from './station-figures.ts';

/**
 * Open network (Jackson; BCMP with several classes): every station behaves as M/M/c with the sum of what comes to it,
 * and the jobs of a class are there in proportion to the load that it brings.
 *
 * Source: Baskett, Chandy, Muntz and Palacios, Journal of the ACM 22 (1975).
 *
 * @throws RangeError at a station with a utilisation of 1 or more: see `overloadedStations`.
 */
export function openNetwork(network: OpenNetwork): NetworkFigures {
  const { stations, classes } = network;
  const jobs = stations.map(({ servers }, station) => {
    const offered = offeredErlangs(network, station);
    return servers === 'delay' || offered === 0
      ? offered
      : offered + (erlangC(servers, offered) * offered) / (servers - offered);
  });
  return {
    classes: classes.map((each) => {
      const there = stations.map((_, station) => {
        const offered = offeredErlangs(network, station);
        const own = eventsIn(each.arrivalRate, each.demands[station]?.demand ?? milliseconds(0));
        return offered === 0 ? 0 : ((jobs[station] ?? 0) * own) / offered;
      });
      return classFigures(each, stations, each.arrivalRate, there);
    }),
    method: 'exact: product form, every station an M/M/c queue',
  };
}

/** Stations that can't carry what comes to them, with their utilisation. */
export function overloadedStations(
  network: OpenNetwork,
): readonly { readonly name: string; readonly utilization: number }[] {
  return network.stations.flatMap(({ name, servers }, station) => {
    if (servers === 'delay') return [];
    const utilization = offeredErlangs(network, station) / servers;
    return utilization < 1 ? [] : [{ name, utilization }];
  });
}

function offeredErlangs({ classes }: OpenNetwork, station: number): number {
  return classes.reduce(
    (sum, { arrivalRate, demands }) => sum + eventsIn(arrivalRate, demands[station]?.demand ?? milliseconds(0)),
    0,
  );
}
