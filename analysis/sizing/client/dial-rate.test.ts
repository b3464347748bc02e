import test from 'ava';
import * as fc from 'fast-check';
import { type Random, seededRandom } from '../../../model/random.ts';
import { milliseconds, perSecond } from '../../../model/units.ts';
import { erlangC } from '../../models/queueing/erlang-c.ts';
import { dialRate } from './dial-rate.ts';

const load = (erlangs: number) => ({ arrivalRate: perSecond(erlangs * 100), serviceTime: milliseconds(10) });

test('limits that are known: none kept idle, all kept idle, one connection, two', (t) => {
  for (const [most, erlangs] of [
    [1, 0.3],
    [4, 3.5],
    [20, 5],
    [400, 380],
  ] as const) {
    const rate = load(erlangs).arrivalRate;
    // Without idle ones each call dials but those that wait, which are handed what becomes free.
    const share = 1 - erlangC(most, erlangs);
    t.true(Math.abs(dialRate(load(erlangs), most, 0) / rate - share) < 1e-9, `${most}`);
    t.is(dialRate(load(erlangs), most, most), perSecond(0));
  }
  // Of two connections with one kept idle the second is dialled once per trip 0 → 2 → 0 of the busy ones.
  const [rate, p0] = [perSecond(100), 1 / 3];
  const trip = 1 / (p0 * rate) + 1 / (p0 * rate);
  t.true(Math.abs(dialRate({ arrivalRate: rate, serviceTime: milliseconds(10) }, 2, 1) * trip - 1) < 1e-9);
});

/** What Go's transport does, call by call: counts of idle, busy and waiting calls, and the dials. */
function dialledPerCall(erlangs: number, most: number, keep: number, calls: number, random: Random): number {
  let [busy, idle, waiting, dials, done] = [0, 0, 0, 0, 0];
  while (done < calls) {
    if (random.next() * (erlangs + busy) < erlangs) {
      done++;
      if (idle > 0) {
        idle--;
        busy++;
      } else if (busy < most) {
        dials++;
        busy++;
      } else waiting++;
    } else if (waiting > 0) waiting--;
    else {
      busy--;
      if (idle < keep) idle++;
    }
  }
  return dials / calls;
}

test('agrees with the transport played call by call', (t) => {
  for (const [erlangs, most, keep] of [
    [5, 12, 2],
    [5, 10, 8],
    [3.6, 4, 1],
    [20, 30, 24],
  ] as const) {
    const played = dialledPerCall(erlangs, most, keep, 400_000, seededRandom(7));
    const exact = dialRate(load(erlangs), most, keep) / load(erlangs).arrivalRate;
    t.true(Math.abs(played - exact) < 0.002 + 0.03 * exact, `${most}, ${keep}: ${played}, ${exact}`);
  }
});

test('never more than the calls, and fewer with each idle connection that is kept', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 3000 }),
        fc.double({ min: 0.001, max: 0.999, noNaN: true }),
        fc.integer({ min: 0, max: 100 }),
        (most, utilization, keep) => {
          const offered = load(utilization * most);
          const [one, other] = [dialRate(offered, most, keep), dialRate(offered, most, keep + 1)];
          return one >= 0 && one <= offered.arrivalRate * (1 + 1e-9) && other <= one * (1 + 1e-9);
        },
      ),
      { seed: 5, numRuns: 60 },
    ),
  );
  t.throws(() => dialRate(load(4), 4, 1), { instanceOf: RangeError });
});
