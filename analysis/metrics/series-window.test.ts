import test from 'ava';
import * as fc from 'fast-check';
import type { Series } from '../../model/series.ts';
import { epochMilliseconds, perSecond } from '../../model/units.ts';
import {
  type TimeWindow,
  firstIn,
  increaseBetweenChanges,
  increaseIn,
  lastIn,
  maximumIn,
  meanIn,
  minimumIn,
  rateIn,
  valueAt,
} from './series-window.ts';

const seriesOf = (points: readonly (readonly [number, number])[]): Series => ({
  collector: 'prometheus',
  source: 'here',
  name: 'served_total',
  labels: {},
  kind: 'counter',
  at: points.map(([at]) => epochMilliseconds(at)),
  values: points.map(([, value]) => value),
});
const window = (from: number, to: number): TimeWindow => ({ from: epochMilliseconds(from), to: epochMilliseconds(to) });
const always = window(-Infinity, Infinity);

const counter = seriesOf([
  [0, 10],
  [1000, 20],
  [2000, 50],
  [3000, 5],
  [4000, 25],
]);

test('increase and rate are those between the first and the last point inside', (t) => {
  t.deepEqual(increaseIn(counter, window(0, 2000)), {
    value: 40,
    from: epochMilliseconds(0),
    to: epochMilliseconds(2000),
    resets: [],
  });
  t.like(increaseIn(counter, window(1, 2999)), {
    value: 30,
    from: epochMilliseconds(1000),
    to: epochMilliseconds(2000),
  });
  t.is(rateIn(counter, window(500, 2500)), perSecond(30));
});

test('a reset is reported and counts from nothing, never down', (t) => {
  t.like(increaseIn(counter, always), { value: 10 + 30 + 5 + 20, resets: [epochMilliseconds(3000)] });
  t.is(increaseIn(counter, window(2000, 3000))?.value, 5);
});

test('one point or none says nothing', (t) => {
  t.is(increaseIn(counter, window(500, 1500)), null);
  t.is(rateIn(counter, window(4001, 9000)), null);
  t.is(meanIn(counter, window(4001, 9000)), null);
  t.is(minimumIn(counter, window(4001, 9000)), null);
  t.is(firstIn(counter, window(2000, 1000)), null);
});

test('gauges: mean, extremes, first, last, and the value at an instant', (t) => {
  t.is(meanIn(counter, window(0, 2000)), 80 / 3);
  t.is(minimumIn(counter, always), 5);
  t.is(maximumIn(counter, always), 50);
  t.is(firstIn(counter, window(1000, 4000)), 20);
  t.is(lastIn(counter, window(0, 3999)), 5);
  t.is(valueAt(counter, epochMilliseconds(-1)), null);
  t.is(valueAt(counter, epochMilliseconds(0)), 10);
  t.is(valueAt(counter, epochMilliseconds(1999)), 20);
  t.is(valueAt(counter, epochMilliseconds(9999)), 25);
});

test('NaN is no reading; infinity is one, but not for a counter', (t) => {
  const odd = seriesOf([
    [0, Number.NaN],
    [1, 1],
    [2, Infinity],
    [3, 4],
    [4, Number.NaN],
  ]);
  t.is(maximumIn(odd, always), Infinity);
  t.is(minimumIn(odd, always), 1);
  t.like(increaseIn(odd, always), { value: 3, resets: [] });
});

test('a counter that moves at collections only is taken from change to change', (t) => {
  // 5 a second, told every 3 seconds.
  const late = seriesOf(Array.from({ length: 20 }, (_, second) => [second * 1000, Math.floor(second / 3) * 15]));
  t.is(rateIn(late, window(2000, 12_000)), perSecond(6));
  t.like(increaseBetweenChanges(late, window(2000, 12_000)), {
    value: 45,
    from: epochMilliseconds(3000),
    to: epochMilliseconds(12_000),
  });
  t.is(increaseBetweenChanges(late, window(0, 4000)), null);
});

test('increases of neighbouring windows add up, resets or not', (t) => {
  const values = fc.array(fc.nat(1000), { minLength: 3, maxLength: 30 });
  fc.assert(
    fc.property(values, fc.nat(), (list, cut) => {
      const series = seriesOf(list.map((value, index) => [index, value]));
      const middle = 1 + (cut % (list.length - 2));
      const [left, right] = [increaseIn(series, window(0, middle)), increaseIn(series, window(middle, list.length))];
      const whole = increaseIn(series, always);
      t.is((left?.value ?? 0) + (right?.value ?? 0), whole?.value ?? -1);
      t.is((left?.resets.length ?? 0) + (right?.resets.length ?? 0), whole?.resets.length ?? -1);
      t.true((whole?.value ?? -1) >= 0);
    }),
    { seed: 20_261_121 },
  );
});
