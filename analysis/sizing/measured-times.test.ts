import test from 'ava';
import type { Series } from '../../model/series.ts';
import { seededRandom } from '../../model/random.ts';
import { type EpochMilliseconds, epochMilliseconds } from '../../model/units.ts';
import type { HistogramSeries } from '../metrics/histogram-series.ts';
import { type MeasuredTimes, measuredTimes } from './measured-times.ts';

/** Ten bounds a decade, from 0.1 ms to 10 s. */
const bounds = Array.from({ length: 51 }, (_, index) => 10 ** (index / 10 - 1));
const instants = Array.from({ length: 11 }, (_, index) => epochMilliseconds(index * 5000));
const batches = instants.slice(1).map((to, index) => ({ from: instants[index] ?? to, to }));

/** A histogram of so many times in each of ten batches. */
function histogramOf(perBatch: number, draw: () => number, upperBounds: readonly number[] = bounds): HistogramSeries {
  const batchesOfTimes = batches.map(() => Array.from({ length: perBatch }, draw));
  const series = (name: string, of: (times: readonly number[]) => number): Series => {
    let total = 0;
    const values = [0, ...batchesOfTimes.map((times) => (total += of(times)))];
    return { collector: 'prometheus', source: 'test', name, labels: {}, kind: 'counter', at: instants, values };
  };
  return {
    name: 'times',
    labels: {},
    buckets: [...upperBounds, Infinity].map((upperBound) => ({
      upperBound,
      series: series('bucket', (times) => times.filter((time) => time <= upperBound).length),
    })),
    sum: series('sum', (times) => times.reduce((sum, time) => sum + time, 0)),
    count: series('count', (times) => times.length),
  };
}

const known = (
  histogram: HistogramSeries,
  stretches: readonly { from: EpochMilliseconds; to: EpochMilliseconds }[],
) => {
  const times = measuredTimes(histogram, stretches);
  if (times === null) throw new Error('not measured');
  return times;
};
const holds = ({ low, high }: NonNullable<MeasuredTimes['variation']>, value: number): boolean =>
  low <= value && value <= high;

test('mean, scatter and tail of times whose distribution is known', (t) => {
  const random = seededRandom(4);
  const exponential = known(
    histogramOf(3000, () => random.exponential() * 20),
    batches,
  );
  t.is(exponential.count, 30_000);
  t.true(holds(exponential.mean, 20), JSON.stringify(exponential.mean));
  const scatter = exponential.variation ?? { estimate: 0, low: 0, high: 0 };
  t.true(holds(scatter, 1) && Math.abs(scatter.estimate - 1) < 0.05, JSON.stringify(scatter));
  // Ten buckets a decade leave the values a tenth of room each.
  t.true(scatter.low > 0.7 && scatter.high < 1.2, JSON.stringify(scatter));
  // 99.9 % of an exponential are below 6.9 means.
  const { low, high } = exponential.slowest ?? { low: 0, high: 0 };
  t.true(high >= 20 * Math.log(1000) && low <= 20 * Math.log(1000) * 1.3, `${low} to ${high}`);

  const constant = known(
    histogramOf(400, () => 12),
    batches,
  );
  t.true((constant.variation?.low ?? 1) === 0 && (constant.variation?.high ?? 1) < 0.15);
  t.deepEqual([constant.mean.estimate, constant.mean.low, constant.mean.high].map(Math.round), [12, 12, 12]);
});

test('what cannot be told is not told', (t) => {
  const random = seededRandom(5);
  const draw = (): number => random.exponential() * 20;
  t.is(known(histogramOf(100, draw), batches).slowest, null, 'a thousand times say nothing of one in a thousand');
  t.is(known(histogramOf(400, draw, [1, 10]), batches).variation, null, 'times beyond the last bound');
  t.is(measuredTimes(histogramOf(400, draw), batches.slice(0, 1)), null);
  t.is(
    measuredTimes(
      histogramOf(0, () => 1),
      batches,
    ),
    null,
  );
});
