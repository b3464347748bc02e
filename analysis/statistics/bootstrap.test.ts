import test from 'ava';
import reference from '../../fixtures/reference/bootstrap.json' with { type: 'json' };
import { relativeError } from '../../fixtures/relative-error.ts';
import { seededRandom } from '../../model/random.ts';
import { bcaInterval, expandedPercentileInterval, percentileInterval } from './bootstrap-interval.ts';
import { bootstrap, jackknife } from './bootstrap.ts';

test('the intervals agree with SciPy’s on its own resamples', (t) => {
  for (const { estimate, resampled, leftOut, bca, percentile } of reference.cases) {
    const accelerated = bcaInterval(resampled, estimate, leftOut, 0.95);
    t.true(relativeError(accelerated.low, bca[0] ?? 0) < 1e-9, `${accelerated.low} for ${bca[0]}`);
    t.true(relativeError(accelerated.high, bca[1] ?? 0) < 1e-9, `${accelerated.high} for ${bca[1]}`);
    const plain = percentileInterval(resampled, 0.95);
    t.true(relativeError(plain.low, percentile[0] ?? 0) < 1e-12);
    t.true(relativeError(plain.high, percentile[1] ?? 0) < 1e-12);
  }
});

const meanOf =
  (values: readonly number[]) =>
  (drawn: readonly number[]): number =>
    drawn.reduce((sum, index) => sum + (values[index] ?? 0), 0) / drawn.length;

test('the interval of a mean holds it about as often as it says', (t) => {
  let held = 0;
  for (let seed = 1; seed <= 200; seed++) {
    const random = seededRandom(seed);
    const mean = meanOf(Array.from({ length: 25 }, () => random.exponential()));
    const all = Array.from({ length: 25 }, (_, index) => index);
    const { low, high } = bcaInterval(bootstrap(25, 400, random, mean), mean(all), jackknife(25, mean), 0.95);
    if (low <= 1 && 1 <= high) held++;
  }
  // 25 exponential values: Efron's own tables have about 0.92.
  t.true(held >= 176 && held <= 196, `${held} of 200`);
});

test('what has no value is drawn again, and left out where nothing has', (t) => {
  const mean = meanOf([1, 2, 3]);
  const half = (drawn: readonly number[]): number | null => (drawn[0] === 0 ? null : mean(drawn));
  t.is(bootstrap(3, 50, seededRandom(1), half).length, 50);
  t.is(bootstrap(3, 50, seededRandom(1), () => null).length, 0);
  t.deepEqual(jackknife(3, half), [2.5]);
  t.throws(() => percentileInterval([], 0.95), { instanceOf: RangeError });
});

test('all values on one side of the estimate: the ends of the values', (t) => {
  t.deepEqual(bcaInterval([2, 3, 4], 1, [1, 1], 0.95), { low: 2, high: 4 });
});

test('few clusters: expanded percentiles hold the mean about as often as they say, plain ones do not', (t) => {
  let [held, heldPlain] = [0, 0];
  for (let seed = 1; seed <= 300; seed++) {
    const random = seededRandom(seed);
    const mean = meanOf(Array.from({ length: 6 }, () => random.next()));
    const values = bootstrap(6, 600, random, mean);
    const [expanded, plain] = [expandedPercentileInterval(values, 6, 0.95), percentileInterval(values, 0.95)];
    if (expanded.low <= 0.5 && 0.5 <= expanded.high) held++;
    if (plain.low <= 0.5 && 0.5 <= plain.high) heldPlain++;
  }
  t.true(held >= 270 && held <= 295, `${held} of 300`);
  t.true(heldPlain < 270, `${heldPlain} of 300`);
});
