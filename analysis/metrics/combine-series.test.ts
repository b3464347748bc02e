import test from 'ava';
import type { Series } from '../../model/series.ts';
import { epochMilliseconds } from '../../model/units.ts';
import { convertSeries, differenceOfSeries, fromNothing, joinSeries, sumOfSeries } from './combine-series.ts';

const seriesOf = (labels: Record<string, string>, points: readonly (readonly [number, number])[]): Series => ({
  collector: 'prometheus',
  source: 'here',
  name: 'x',
  labels,
  kind: 'gauge',
  at: points.map(([at]) => epochMilliseconds(at)),
  values: points.map(([, value]) => value),
});
const pointsOf = (series: Series | null): number[][] =>
  (series?.at ?? []).map((at, index) => [at, series?.values[index] ?? 0]);

const first = seriesOf({ a: '1', b: '2' }, [
  [1, 10],
  [2, 20],
  [4, 40],
]);
const second = seriesOf({ a: '1', b: '3' }, [
  [2, 1],
  [3, 2],
  [4, 3],
]);

test('the difference is where both are', (t) => {
  t.deepEqual(pointsOf(differenceOfSeries(first, second)), [
    [2, 19],
    [4, 37],
  ]);
  t.deepEqual(pointsOf(differenceOfSeries(second, seriesOf({}, []))), []);
});

test('the sum is where any is, with the labels that all share', (t) => {
  const sum = sumOfSeries([first, second]);
  t.deepEqual(pointsOf(sum), [
    [1, 10],
    [2, 21],
    [3, 2],
    [4, 43],
  ]);
  t.deepEqual(sum?.labels, { a: '1' });
  t.is(sumOfSeries([first]), first);
  t.is(sumOfSeries([]), null);
});

test('joining keeps every instant once', (t) => {
  t.deepEqual(pointsOf(joinSeries([second, first])), [
    [1, 10],
    [2, 1],
    [3, 2],
    [4, 3],
  ]);
});

test('converting leaves the source as it was', (t) => {
  t.deepEqual(convertSeries(first, (value) => value / 10).values, [1, 2, 4]);
  t.deepEqual(first.values, [10, 20, 40]);
});

test('a counter that appears later has counted from nothing', (t) => {
  const read = [0, 0.5, 1, 2].map(epochMilliseconds);
  t.deepEqual(pointsOf(fromNothing(second, read)), [
    [1, 0],
    [2, 1],
    [3, 2],
    [4, 3],
  ]);
  t.is(fromNothing(second, [epochMilliseconds(2)]), second);
});
