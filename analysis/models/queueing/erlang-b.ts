/**
 * Erlang's loss formula: the share of arrivals that find all of `servers` busy where nobody waits (M/G/c/c).
 * The recursion B(k) = a B(k − 1) / (k + a B(k − 1)) neither overflows nor cancels for any number of servers: at
 * c = 10,000 the textbook's aᶜ / c! has long left the range of a double. A loss too small for a double is 0.
 *
 * Source: Jagerman, "Some properties of the Erlang loss function", Bell System Technical Journal 53 (1974).
 * Tested against published tables and SciPy's Poisson distribution (fixtures/reference/queueing.json).
 *
 * @param offeredErlangs arrival rate × mean service time
 * @throws RangeError unless servers is a whole number from 0 and offeredErlangs a finite number from 0.
 */
export function erlangB(servers: number, offeredErlangs: number): number {
  if (!Number.isInteger(servers) || servers < 0) throw new RangeError(`${servers} is no number of servers`);
  if (!(offeredErlangs >= 0 && Number.isFinite(offeredErlangs)))
    throw new RangeError(`${offeredErlangs} is no offered load`);
  let loss = 1;
  for (let server = 1; server <= servers; server++) {
    const offered = offeredErlangs * loss;
    loss = offered / (server + offered);
  }
  return loss;
}
