import test from 'ava';
import * as fc from 'fast-check';
import reference from '../../../fixtures/reference/queueing.json' with { type: 'json' };
import { relativeError } from '../../../fixtures/relative-error.ts';
import { milliseconds, perSecond, rateOf } from '../../../model/units.ts';
import { erlangB } from './erlang-b.ts';
import { ggc } from './ggc.ts';
import { mm1 } from './mm1.ts';
import { mmc } from './mmc.ts';
import { largestLimit, mmck } from './mmck.ts';
import type { QueueLoad, QueueModel } from './queue-model.ts';

/** Times of the references are in service times: one of 1 ms here. */
const loadOf = (servers: number, offeredErlangs: number): QueueLoad => ({
  servers,
  arrivalRate: rateOf(offeredErlangs, milliseconds(1)),
  serviceTime: milliseconds(1),
});

test('M/M/c: tails of wait and response agree with the matrix exponential of the tagged job', (t) => {
  for (const { servers, offeredErlangs, empty, times, waitTail, responseTail } of reference.unlimited) {
    const model = mmc(loadOf(servers, offeredErlangs));
    const what = `${offeredErlangs} erlangs on ${servers}`;
    t.true(relativeError(model.probabilityEmpty, empty) < 1e-9, what);
    for (const [index, time] of times.entries()) {
      t.true(Math.abs(model.waitTail(milliseconds(time)) - (waitTail[index] ?? Number.NaN)) < 1e-9, `${what}, wait`);
      t.true(
        Math.abs(model.responseTail(milliseconds(time)) - (responseTail[index] ?? Number.NaN)) < 1e-9,
        `${what}, response beyond ${time}`,
      );
    }
  }
});

test('M/M/c/K: books, means and tails agree with SciPy', (t) => {
  for (const row of reference.limited) {
    const model = mmck(loadOf(row.servers, row.offeredErlangs), row.limit);
    const what = `${row.offeredErlangs} erlangs on ${row.servers} of ${row.limit}`;
    t.true(relativeError(model.probabilityEmpty, row.empty) < 1e-9, what);
    t.true(relativeError(model.probabilityBlocked ?? Number.NaN, row.blocked) < 1e-9, what);
    t.true(relativeError(model.probabilityWait, row.wait) < 1e-9, what);
    t.true(relativeError(model.meanQueue, row.meanQueue) < 1e-9, what);
    t.true(relativeError(model.meanWait, row.meanWait) < 1e-9, what);
    for (const [index, time] of row.times.entries()) {
      t.true(Math.abs(model.waitTail(milliseconds(time)) - (row.waitTail[index] ?? Number.NaN)) < 1e-9, what);
      t.true(Math.abs(model.responseTail(milliseconds(time)) - (row.responseTail[index] ?? Number.NaN)) < 1e-9, what);
    }
  }
});

test('the county hospital of Hillier and Lieberman', (t) => {
  const hour = 3_600_000;
  for (const { servers, arrivalsPerHour, treatedPerHour, ...printed } of reference.printed) {
    const model = mmc({
      servers,
      arrivalRate: rateOf(arrivalsPerHour, milliseconds(hour)),
      serviceTime: milliseconds(hour / treatedPerHour),
    });
    const rounded = (value: number): number => Number(value.toFixed(printed.digits));
    t.is(rounded(model.probabilityEmpty), printed.empty);
    t.is(rounded(model.meanQueue), printed.meanQueue);
    t.is(rounded(model.meanInSystem), printed.meanInSystem);
    t.is(rounded(model.meanWait / hour), printed.meanWaitHours);
    t.is(rounded(model.meanResponse / hour), printed.meanResponseHours);
  }
});

const agree = (t: { true: (value: boolean, message?: string) => void }, one: QueueModel, other: QueueModel): void => {
  for (const key of [
    'utilization',
    'probabilityEmpty',
    'probabilityWait',
    'meanQueue',
    'meanInSystem',
    'meanWait',
    'meanResponse',
  ] as const)
    t.true(relativeError(one[key], other[key]) < 1e-9, `${key}: ${one[key]} and ${other[key]}`);
  for (const probability of [0, 0.2, 0.5, 0.9, 0.99, 0.999]) {
    t.true(relativeError(one.waitQuantile(probability), other.waitQuantile(probability)) < 1e-9, `wait ${probability}`);
    t.true(
      relativeError(one.responseQuantile(probability), other.responseQuantile(probability)) < 1e-9,
      `response ${probability}`,
    );
  }
};

test('M/M/1 is M/M/c with one server, and M/M/c is M/M/c/K with room enough', (t) => {
  for (const rho of [0.05, 0.5, 0.9, 0.99])
    agree(
      t,
      mm1(perSecond(rho * 100), milliseconds(10)),
      mmc({ ...loadOf(1, rho * 10), serviceTime: milliseconds(10), arrivalRate: perSecond(rho * 100) }),
    );
  for (const [servers, offered] of [
    [1, 0.7],
    [2, 1],
    [3, 2],
    [8, 6.4],
    [200, 190],
  ] as const)
    agree(t, mmck(loadOf(servers, offered), servers + 2000), mmc(loadOf(servers, offered)));
});

test('M/M/c/c is the loss system: nobody waits, the blocked share is Erlang’s B, at any load', (t) => {
  for (const [servers, offered] of [
    [1, 3],
    [10, 4.4612],
    [10_000, 10_100],
  ] as const) {
    const model = mmck(loadOf(servers, offered), servers);
    t.true(relativeError(model.probabilityBlocked ?? Number.NaN, erlangB(servers, offered)) < 1e-9);
    t.is(Number(model.meanWait), 0);
    t.is(Number(model.waitQuantile(0.999)), 0);
    t.true(relativeError(model.responseQuantile(0.99), Math.log(100)) < 1e-6);
  }
});

test('the response quantile is right where c − 1 erlangs make its formula 0/0, and beside it', (t) => {
  const at = mmc(loadOf(3, 2)).responseQuantile(0.99);
  for (const off of [1e-13, 1e-9, -1e-13, -1e-9])
    t.true(relativeError(mmc(loadOf(3, 2 + off)).responseQuantile(0.99), at) < 1e-7, String(off));
});

test('10,000 servers: every figure is finite and not negative', (t) => {
  for (const offered of [0.001, 5000, 9900, 9999.9]) {
    const model = mmc(loadOf(10_000, offered));
    const limited = mmck(loadOf(10_000, offered * 1.5), 20_000);
    for (const each of [model, limited]) {
      const figures = [
        each.utilization,
        each.probabilityEmpty,
        each.probabilityWait,
        each.meanQueue,
        each.meanInSystem,
        each.meanWait,
        each.meanResponse,
        each.waitQuantile(0.999),
        each.responseQuantile(0.999),
      ];
      t.true(
        figures.every((figure) => Number.isFinite(figure) && figure >= 0),
        figures.join(' '),
      );
    }
  }
});

test('laws that hold for every queue: Little, and quantiles that are where the tail says', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        fc.double({ min: 0.01, max: 3, noNaN: true }),
        fc.integer({ min: 0, max: 80 }),
        fc.double({ min: 0.01, max: 0.999, noNaN: true }),
        (servers, rho, room, probability) => {
          const load = loadOf(servers, rho * servers);
          const models: readonly QueueModel[] =
            rho < 0.999 ? [mmc(load), mmck(load, servers + room)] : [mmck(load, servers + room)];
          for (const model of models) {
            const accepted = load.arrivalRate * (1 - (model.probabilityBlocked ?? 0));
            if (relativeError((accepted * model.meanResponse) / 1000, model.meanInSystem) > 1e-9) return false;
            const response = model.responseQuantile(probability);
            if (Math.abs(model.responseTail(response) - (1 - probability)) > 1e-9) return false;
            if (model.waitQuantile(probability) > response) return false;
          }
          return true;
        },
      ),
      { seed: 12, numRuns: 60 },
    ),
  );
});

test('G/G/c: exact where theory is, and the two approximations lie close together', (t) => {
  const load = { ...loadOf(1, 0.7), arrivalCv: 1, serviceCv: 2 };
  const pollaczek = (0.7 * (1 + 4)) / (2 * 0.3);
  for (const approximation of ['allen-cunneen', 'sakasegawa'] as const) {
    t.true(relativeError(ggc(load, approximation).meanWait, pollaczek) < 1e-12);
    t.is(Number(ggc({ ...load, arrivalCv: 0, serviceCv: 0 }, approximation).meanWait), 0);
  }
  const eight = { ...loadOf(8, 7.2), arrivalCv: 1, serviceCv: 1 };
  t.true(relativeError(ggc(eight, 'allen-cunneen').meanWait, mmc(eight).meanWait) < 1e-12);
  t.true(relativeError(ggc(eight, 'sakasegawa').meanWait, mmc(eight).meanWait) < 0.03);
  // The measured bad case: the approximation says 0.361 ms for 10 servers of 10 ms, 500/s and cs 3.
  const heavy = { servers: 10, arrivalRate: perSecond(500), serviceTime: milliseconds(10), arrivalCv: 1, serviceCv: 3 };
  t.is(ggc(heavy, 'allen-cunneen').meanWait.toFixed(3), '0.361');
});

test('pool figures at 500/s and 10 ms: P(wait > 5 ms) for 7 to 11 connections', (t) => {
  const printed = { 7: 0.1193, 8: 0.0373, 9: 0.0109, 10: 0.00296, 11: 0.00075 };
  for (const [servers, share] of Object.entries(printed)) {
    const model = mmc({ servers: Number(servers), arrivalRate: perSecond(500), serviceTime: milliseconds(10) });
    t.true(Math.abs(model.waitTail(milliseconds(5)) - share) < 0.00006, servers);
  }
});

test('what has no steady state or makes no sense is refused', (t) => {
  const refused = { instanceOf: RangeError };
  t.throws(() => mm1(perSecond(100), milliseconds(10)), refused);
  t.throws(() => mmc(loadOf(2, 2)), refused);
  t.throws(() => mmc(loadOf(2, 0)), refused);
  t.throws(() => mmc(loadOf(1.5, 1)), refused);
  t.throws(() => mmc({ ...loadOf(2, 1), serviceTime: milliseconds(-1) }), refused);
  t.throws(() => mmck(loadOf(2, 1), 1), refused);
  t.throws(() => mmck(loadOf(2, 1), largestLimit + 1), refused);
  t.throws(() => ggc({ ...loadOf(2, 1), arrivalCv: -1, serviceCv: 1 }, 'sakasegawa'), refused);
  t.throws(() => ggc({ ...loadOf(2, 2), arrivalCv: 1, serviceCv: 1 }, 'sakasegawa'), refused);
  t.throws(() => mmc(loadOf(2, 1)).waitQuantile(1), refused);
  t.throws(() => mmc(loadOf(2, 1)).responseQuantile(-0.1), refused);
});
