import test from 'ava';
import * as fc from 'fast-check';
import reference from '../../../fixtures/reference/random-order.json' with { type: 'json' };
import { type Milliseconds, milliseconds, rateOf } from '../../../model/units.ts';
import { mmc } from './mmc.ts';
import { mmcRandomOrder } from './mmc-random-order.ts';
import type { QueueLoad } from './queue-model.ts';

const service = milliseconds(1);
const load = (servers: number, offered: number): QueueLoad => ({
  servers,
  arrivalRate: rateOf(offered, service),
  serviceTime: service,
});

const close = (value: number, truth: number, within: number): boolean =>
  Math.abs(value - truth) <= within * Math.abs(truth);

test('P(wait > t) in both orders is that of an outside solution', (t) => {
  t.true(reference.tails.length > 10);
  for (const { servers, offeredErlangs, wait, times, random, fifo } of reference.tails) {
    const one = mmcRandomOrder(load(servers, offeredErlangs));
    const other = mmc(load(servers, offeredErlangs));
    t.true(close(one.probabilityWait, wait, 1e-10));
    for (const [index, time] of times.entries()) {
      const what = `${servers} servers, ${offeredErlangs} erlangs, t ${time}`;
      const seen = one.waitTail(milliseconds(time));
      t.true(close(seen, random[index] ?? Number.NaN, 1e-8), `random, ${what}: ${seen} is not ${random[index]}`);
      t.true(close(other.waitTail(milliseconds(time)), fifo[index] ?? Number.NaN, 1e-8), `fifo, ${what}`);
    }
  }
});

test('the mean is that of the other order, the second moment 2 / (2 − ρ) times as large (Kingman, Takács)', (t) => {
  for (const [servers, offered] of [
    [1, 0.7],
    [10, 9],
    [20, 18],
  ] as const) {
    const fifo = mmc(load(servers, offered));
    const random = mmcRandomOrder(load(servers, offered));
    const moments = (tail: (time: Milliseconds) => number): readonly [number, number] => {
      // The trapezoidal rule; P(wait > 0) at the start.
      const step = 0.02;
      let [first, second] = [(fifo.probabilityWait * step) / 2, 0];
      for (let time = step; time < 150; time += step) {
        const beyond = tail(milliseconds(time)) * step;
        first += beyond;
        second += 2 * time * beyond;
      }
      return [first, second];
    };
    const [mean, square] = moments(random.waitTail);
    const [fifoMean, fifoSquare] = moments(fifo.waitTail);
    t.true(close(mean, fifoMean, 1e-3), `${mean} is not ${fifoMean}`);
    t.true(close(square / fifoSquare, 2 / (2 - offered / servers), 1e-3), `${square / fifoSquare}`);
    t.is(random.meanWait, fifo.meanWait);
  }
});

const loads = fc
  .tuple(fc.integer({ min: 1, max: 200 }), fc.double({ min: 0.01, max: 0.98, noNaN: true }))
  .map(([servers, utilization]) => load(servers, servers * utilization));

test('a tail: from P(wait > 0) down, never up', (t) => {
  fc.assert(
    fc.property(
      loads,
      fc.double({ min: 0, max: 20, noNaN: true }),
      fc.double({ min: 0, max: 5, noNaN: true }),
      (each, from, more) => {
        const { waitTail, probabilityWait } = mmcRandomOrder(each);
        const early = waitTail(milliseconds(from));
        const later = waitTail(milliseconds(from + more));
        return early <= probabilityWait && later <= early * (1 + 1e-9) && later >= 0;
      },
    ),
    { seed: 7, numRuns: 200 },
  );
  t.pass();
});

test('far out the random order waits longer than first come first served, early on less long', (t) => {
  fc.assert(
    fc.property(loads, (each) => {
      const fifo = mmc(each);
      const random = mmcRandomOrder(each);
      // The mean wait of those who wait.
      const scale = fifo.meanWait / fifo.probabilityWait;
      const beyond = (factor: number): number =>
        random.waitTail(milliseconds(scale * factor)) / fifo.waitTail(milliseconds(scale * factor));
      return beyond(8) > 1 && beyond(0.3) < 1;
    }),
    { seed: 8, numRuns: 200 },
  );
  t.pass();
});

test('the quantile is where the tail says so', (t) => {
  const { waitQuantile, waitTail } = mmcRandomOrder(load(10, 9));
  for (const probability of [0.5, 0.9, 0.99, 0.999])
    t.true(close(waitTail(waitQuantile(probability)), 1 - probability, 1e-9));
  t.is(waitQuantile(0.1), milliseconds(0));
});
