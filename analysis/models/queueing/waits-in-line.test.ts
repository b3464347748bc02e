import test from 'ava';
import * as fc from 'fast-check';
import reference from '../../../fixtures/reference/random-order.json' with { type: 'json' };
import { seededRandom } from '../../../model/random.ts';
import { milliseconds, rateOf } from '../../../model/units.ts';
import { mmc } from './mmc.ts';
import { type QueueOrder, queueOrders } from './waiting-line.ts';
import { waitsInLine } from './waits-in-line.ts';

interface Jobs {
  readonly dues: Float64Array;
  readonly holds: Float64Array;
}

function draw(count: number, offered: number, seed: number): Jobs {
  const random = seededRandom(seed);
  let due = 0;
  const dues = Float64Array.from({ length: count }, () => (due += random.exponential() / offered));
  return { dues, holds: Float64Array.from({ length: count }, () => random.exponential()) };
}

const jobLists = fc
  .array(fc.tuple(fc.double({ min: 0, max: 3, noNaN: true }), fc.double({ min: 0, max: 5, noNaN: true })), {
    maxLength: 40,
  })
  .map((list): Jobs => {
    let due = 0;
    return {
      dues: Float64Array.from(list, ([gap]) => (due += gap)),
      holds: Float64Array.from(list, ([, hold]) => hold),
    };
  });
const orders = fc.constantFrom(...queueOrders);

/** At most this many hold a server at once. */
function mostAtOnce({ dues, holds }: Jobs, waits: Float64Array): number {
  const starts = [...dues].map((due, job) => ({ at: due + (waits[job] ?? 0), hold: holds[job] ?? 0 }));
  return Math.max(
    0,
    ...starts.map(({ at }) => starts.filter((other) => other.at <= at && at < other.at + other.hold).length),
  );
}

test('nobody is served before they come, nor more at once than there are servers; nobody waits while one is free', (t) => {
  fc.assert(
    fc.property(jobLists, fc.integer({ min: 1, max: 5 }), orders, (jobs, servers, order) => {
      const waits = waitsInLine(jobs, servers, order, seededRandom(1));
      const ends = [...jobs.dues].map((due, job) => due + (waits[job] ?? 0) + (jobs.holds[job] ?? 0));
      // Who waits starts when somebody else ends.
      const idle = [...waits].some(
        (wait, job) => wait > 0 && !ends.some((end) => Math.abs(end - (jobs.dues[job] ?? 0) - wait) < 1e-9),
      );
      // A touch less: the end of one is the start of the next, give or take a rounding.
      const nearly = { ...jobs, holds: jobs.holds.map((hold) => hold * (1 - 1e-9)) };
      return waits.every((wait) => wait >= 0) && mostAtOnce(nearly, waits) <= servers && !idle;
    }),
    { seed: 5, numRuns: 200 },
  );
  t.pass();
});

test('in every order the servers are as busy: the waits have one sum where holds are alike', (t) => {
  fc.assert(
    fc.property(jobLists, fc.integer({ min: 1, max: 5 }), (jobs, servers) => {
      const alike = { ...jobs, holds: jobs.holds.fill(2) };
      const [fifo, random, lifo] = queueOrders.map((order) =>
        waitsInLine(alike, servers, order, seededRandom(1)).reduce((sum, wait) => sum + wait, 0),
      );
      return Math.abs((fifo ?? 0) - (random ?? 1)) < 1e-6 && Math.abs((fifo ?? 0) - (lifo ?? 1)) < 1e-6;
    }),
    { seed: 6, numRuns: 200 },
  );
  t.pass();
});

/** Share of waits beyond the limit, the first tenth left out; and the mean wait. */
function seen(servers: number, offered: number, order: QueueOrder, limit: number): { over: number; mean: number } {
  const waits = waitsInLine(draw(400_000, offered, 3), servers, order, seededRandom(4)).subarray(40_000);
  return {
    over: waits.reduce((sum, wait) => sum + (wait > limit ? 1 : 0), 0) / waits.length,
    mean: waits.reduce((sum, wait) => sum + wait, 0) / waits.length,
  };
}

test('M/M/c: the mean and the tails that theory has, in both orders', (t) => {
  // Rarer waits would take longer to be counted.
  const cases = reference.tails.filter(
    ({ servers, offeredErlangs, fifo: [over = 0] }) => offeredErlangs / servers <= 0.8 && over > 0.03,
  );
  t.true(cases.length >= 3);
  for (const { servers, offeredErlangs, times, ...tails } of cases)
    for (const order of ['fifo', 'random'] as const) {
      const truth = mmc({
        servers,
        arrivalRate: rateOf(offeredErlangs, milliseconds(1)),
        serviceTime: milliseconds(1),
      });
      const { over, mean } = seen(servers, offeredErlangs, order, times[0] ?? 0);
      const what = `${servers} servers, ${offeredErlangs} erlangs, ${order}`;
      t.true(Math.abs(mean / truth.meanWait - 1) < 0.05, `${what}: mean ${mean} for ${truth.meanWait}`);
      t.true(Math.abs(over / (tails[order][0] ?? 0) - 1) < 0.06, `${what}: tail ${over} for ${tails[order][0]}`);
    }
});

test('the last that came is served first', (t) => {
  const jobs = { dues: Float64Array.of(0, 1, 2, 3), holds: Float64Array.of(10, 1, 1, 1) };
  t.deepEqual([...waitsInLine(jobs, 1, 'lifo', seededRandom(1))], [0, 11, 9, 7]);
  t.deepEqual([...waitsInLine(jobs, 1, 'fifo', seededRandom(1))], [0, 9, 9, 9]);
});
