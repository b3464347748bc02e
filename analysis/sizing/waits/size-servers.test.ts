import test from 'ava';
import * as fc from 'fast-check';
import reference from '../../../fixtures/reference/random-order.json' with { type: 'json' };
import { milliseconds, perSecond, rateOf } from '../../../model/units.ts';
import { exactWaits } from './exact-waits.ts';
import { simulatedWaits } from './simulated-waits.ts';
import { type SizingQuestion, serversFor, sizeServers } from './size-servers.ts';
import { smallestServers } from './smallest-servers.ts';
import { type WaitingLoad, busyServers } from './waiting-load.ts';

const hold = milliseconds(10);
const load = (more: Partial<WaitingLoad> = {}): WaitingLoad => ({
  arrivalRate: perSecond(500),
  serviceTime: hold,
  serviceCv: 1,
  arrivalCv: 1,
  order: 'fifo',
  ...more,
});
const within = (limit: number, share: number) => ({ limit: milliseconds(limit), share });

test('simulated M/M/c in both orders: theory within 2 %, and within the interval', (t) => {
  const cases = reference.tails.filter(
    ({ servers, offeredErlangs }) =>
      [0.3, 0.7, 1.6].includes(offeredErlangs) || (servers === 8 && offeredErlangs === 5),
  );
  t.is(cases.length, 4);
  for (const { servers, offeredErlangs, times, ...tails } of cases)
    for (const order of ['fifo', 'random'] as const) {
      const time = times[0] ?? 0;
      const truth = tails[order][0] ?? Number.NaN;
      const one = load({ arrivalRate: rateOf(offeredErlangs, hold), order });
      // Rarer events take longer to be counted to 2 %.
      const { probabilityOver, settled } = simulatedWaits(
        one,
        servers,
        within(time * hold, 0.01),
        servers === 8 ? 500_000 : 100_000,
        2,
      );
      const what = `${servers} servers, ${order}: ${JSON.stringify(probabilityOver)}, theory ${truth}`;
      t.true(settled);
      t.true(probabilityOver.low <= truth && truth <= probabilityOver.high, what);
      t.true(Math.abs(probabilityOver.estimate / truth - 1) < 0.02, what);
    }
});

const enoughFor = (limit: number, more: Partial<WaitingLoad> = {}): number | null =>
  smallestServers(load(more), within(limit, 0.01), 40_000, 1).enough;

test('known sizes: 500/s of 10 ms, at most 1 % beyond 5 and 10 ms', (t) => {
  t.is(enoughFor(5), 10);
  t.is(enoughFor(5, { order: 'random' }), 10);
  t.is(enoughFor(5, { serviceCv: 3 }), 10);
  t.is(enoughFor(10), 8);
  t.is(enoughFor(10, { order: 'random' }), 9);
  t.is(enoughFor(10, { serviceCv: 3 }), 10);
  t.is(enoughFor(10, { serviceCv: 3, order: 'random' }), 10);
});

test('constant gaps and holds that fit need no more than are busy, and one', (t) => {
  t.is(smallestServers(load({ serviceCv: 0, arrivalCv: 0 }), within(1, 0.01), 20_000, 1).enough, 6);
});

const rareWaits = (serviceCv: number, seed: number): ReturnType<typeof smallestServers> =>
  smallestServers(load({ serviceCv, order: 'random' }), within(20, 0.001), 40_000, seed);

test('heavier tails wait longer; the interval of a size holds it; the same seed gives the same answer', (t) => {
  const three = rareWaits(3, 1);
  t.true((three.enough ?? 0) > (rareWaits(0.5, 1).enough ?? Infinity));
  const { low, high } = three.interval();
  t.true((low ?? Infinity) <= (three.enough ?? 0) && (three.enough ?? Infinity) <= (high ?? 0));
  t.deepEqual(three.waitsWith(12), rareWaits(3, 1).waitsWith(12));
  t.notDeepEqual(three.waitsWith(12), rareWaits(3, 2).waitsWith(12));
});

const loads = fc.record({
  arrivalRate: fc.double({ min: 1, max: 20_000, noNaN: true }).map(perSecond),
  serviceTime: fc.double({ min: 0.1, max: 40, noNaN: true }).map(milliseconds),
  order: fc.constantFrom('fifo' as const, 'random' as const),
});
const objectives = fc.record({
  limit: fc.double({ min: 0.5, max: 100, noNaN: true }).map(milliseconds),
  share: fc.constantFrom(0.1, 0.01, 0.001),
});

test('by formula: P(wait > t) falls with servers; the smallest is the smallest; more load needs no fewer', (t) => {
  fc.assert(
    fc.property(loads, objectives, fc.double({ min: 1, max: 1.5, noNaN: true }), (each, objective, more) => {
      const one = load(each);
      const { enough, interval } = smallestServers(one, objective, 1, 1);
      const { low, high } = interval();
      if (enough === null) return false;
      const over = (servers: number): number =>
        servers <= busyServers(one) ? 1 : exactWaits(one, servers, objective).probabilityOver.estimate;
      const heavier = smallestServers(
        load({ ...each, arrivalRate: perSecond(each.arrivalRate * more) }),
        objective,
        1,
        1,
      );
      return (
        low === enough &&
        high === enough &&
        over(enough) <= objective.share &&
        over(enough - 1) > objective.share &&
        over(enough + 1) <= over(enough) &&
        (heavier.enough ?? Infinity) >= enough
      );
    }),
    { seed: 3, numRuns: 100 },
  );
  t.pass();
});

const question = (more: Partial<SizingQuestion> = {}): SizingQuestion => ({
  load: load(),
  lightest: load(),
  heaviest: load(),
  objective: within(5, 0.01),
  atMost: null,
  atLeast: 1,
  seed: 1,
  ...more,
});
const sized = (more: Partial<SizingQuestion> = {}) => {
  const one = load();
  const answer = sizeServers(question({ load: one, lightest: one, heaviest: one, ...more }));
  if (answer.status === 'refused') throw new Error(answer.reason);
  return answer;
};

test('bounds: cut, raised, and the lower one wins over the upper', (t) => {
  t.deepEqual([sized().servers, sized().doubts], [10, []]);
  const cut = sized({ atMost: 8 });
  t.deepEqual([cut.servers, cut.needed.estimate, cut.high, cut.doubts], [8, 10, 8, ['cut-to-bound']]);
  t.true(cut.rows.some(({ servers }) => servers === 10));
  const raised = sized({ atLeast: 17 });
  t.deepEqual([raised.servers, raised.low, raised.doubts], [17, 17, ['raised-to-bound']]);
  const both = sized({ atMost: 8, atLeast: 17 });
  t.deepEqual([both.servers, both.doubts], [17, ['raised-to-bound', 'bounds-conflict']]);
  t.deepEqual(sizeServers(question({ atMost: 5 })), { status: 'refused', reason: 'saturated' });
});

test('what is not known exactly widens the interval', (t) => {
  const { servers, low, high, doubts } = sized({
    lightest: load({ serviceTime: milliseconds(8) }),
    heaviest: load({ serviceTime: milliseconds(12) }),
  });
  t.is(servers, 10);
  t.true(low < 10 && high !== null && high > 10);
  t.deepEqual(doubts, []);
  const saturated = sized({ heaviest: load({ serviceTime: milliseconds(25) }), atMost: 12 });
  t.deepEqual([saturated.high, saturated.doubts], [null, ['heaviest-load-saturates', 'high-unknown']]);
});

test('the neighbours are there, and no number below one', (t) => {
  t.deepEqual(
    sized().rows.map(({ servers }) => servers),
    [8, 9, 10, 11, 12],
  );
  const light = load({ arrivalRate: perSecond(1) });
  t.deepEqual(
    sized({ load: light, lightest: light, heaviest: light }).rows.map(({ servers }) => servers),
    [1, 2, 3],
  );
  const tight = sized({ objective: within(10_000, 0.01) });
  t.is(tight.servers, 6);
  t.deepEqual(tight.rows[0]?.meanWait, null);
});

test('another load: how many, or that none is known', (t) => {
  t.true((serversFor(load({ arrivalRate: perSecond(600) }), question()) ?? 0) > 10);
  t.is(serversFor(load({ arrivalRate: perSecond(900) }), question({ atMost: 9 })), null);
});
