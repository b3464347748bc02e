import { type PerSecond, perSecond } from '../../../model/units.ts';
import { type WaitingLoad, busyServers } from '../waits/waiting-load.ts';

/**
 * Connections dialled per second by a client that opens at most `most` of them and keeps at most `idle` that nobody uses:
 * a call takes an idle one where there is one, else dials, else waits for the first that becomes free; one that is given
 * back with nobody waiting is closed where `idle` others lie idle already. Exact for Poisson arrivals and exponential call
 * times, if dialling takes no time and nothing else closes connections.
 *
 * The number that is open follows the number that is busy with a play of `idle`: a connection n is open from the moment
 * that n are busy until fewer than n − idle are. So n is dialled once for each return trip of the busy ones between n and
 * n − idle − 1, and the mean length of such a trip in a birth–death chain is the sum of 1 / (p(j) · arrival rate) over the
 * steps j → j + 1 between both (commute time = resistance of the path, see Levin, Peres, Wilmer: Markov Chains and Mixing
 * Times, proposition 10.7), where p(j) is Erlang's probability that j are busy.
 *
 * @throws RangeError where so many have no steady state
 */
export function dialRate(
  load: Pick<WaitingLoad, 'arrivalRate' | 'serviceTime'>,
  most: number,
  idle: number,
): PerSecond {
  const length = idle + 1;
  if (length > most) return perSecond(0);
  const probabilities = busyProbabilities(busyServers(load), most);
  const trips = windowSums(
    probabilities.map((probability) => 1 / probability),
    length,
  );
  return perSecond(trips.reduce((sum, trip) => sum + load.arrivalRate / trip, 0));
}

/** P(j busy) in M/M/c for j below c, where a new call finds one that is free. */
function busyProbabilities(offered: number, servers: number): readonly number[] {
  if (offered >= servers) throw new RangeError('the calls keep all connections busy');
  // From the likeliest downwards and upwards, so that no factorial overflows.
  const likeliest = Math.min(servers, Math.floor(offered));
  const weights: number[] = Array.from({ length: servers + 1 }, () => 0);
  weights[likeliest] = 1;
  for (let busy = likeliest; busy > 0; busy--) weights[busy - 1] = ((weights[busy] ?? 0) * busy) / offered;
  for (let busy = likeliest; busy < servers; busy++) weights[busy + 1] = ((weights[busy] ?? 0) * offered) / (busy + 1);
  // Those that wait make a geometric series behind the last.
  const waiting = (weights[servers] ?? 0) * (1 / (1 - offered / servers) - 1);
  const total = weights.reduce((sum, weight) => sum + weight, waiting);
  return weights.slice(0, servers).map((weight) => weight / total);
}

/**
 * Sums of each `length` neighbours, in linear time and without differences of large sums: each is the end of one block
 * and the beginning of the next.
 */
function windowSums(values: readonly number[], length: number): readonly number[] {
  const [upTo, from] = [[...values], [...values]];
  for (let index = 1; index < values.length; index++)
    if (index % length !== 0) upTo[index] = (upTo[index] ?? 0) + (upTo[index - 1] ?? 0);
  for (let index = values.length - 2; index >= 0; index--)
    if (index % length !== length - 1) from[index] = (from[index] ?? 0) + (from[index + 1] ?? 0);
  return Array.from({ length: values.length - length + 1 }, (_, start) =>
    start % length === 0 ? (upTo[start + length - 1] ?? 0) : (from[start] ?? 0) + (upTo[start + length - 1] ?? 0),
  );
}
