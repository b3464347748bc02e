import { slope } from '../analysis/statistics/slope.ts';
import { studentTQuantile } from '../analysis/statistics/student-t.ts';
import { holds } from '../fixtures/generator-job.ts';
import { bytes, inMebibytes, inSeconds, parseDuration } from '../model/units.ts';
import { buildEngine } from '../runners/generators/k6/build-engine.ts';
import { k6Engine } from '../runners/generators/k6/engine.ts';
import type { Benchmark } from './benchmark.ts';
import { measuredRun } from './rate-runs.ts';

const rate = 2000;
/** Growth that would take a day to fill what a gigabyte is to this process. */
const mostPerMinute = 0.005;

/** Whether k6 holds more and more memory. */
export const k6Memory: Benchmark = {
  name: 'k6-memory',
  about: `resident memory of k6 at ${rate}/s over ten minutes`,
  minutes: 11,
  run: async (bench) => {
    const [length, warmUp, part] = bench.quick ? [60, 10, 5] : [600, 60, 30];
    const engine = k6Engine(await buildEngine(() => undefined));
    const { books } = await measuredRun(bench, { loadProfile: holds('even', [rate, length]) }, {}, engine);
    const sizes = books.seconds.filter(({ second }) => second < length).map(({ health }) => health.rssBytes);
    const { perMinute, low, high, mean } = growthOf(sizes.slice(warmUp), part);
    return [
      {
        what: `growth per minute, ${length} s without the first ${warmUp}, 95 % interval, means of ${part} s`,
        asked: `upper end ≤ ${mostPerMinute * 100} % of what it holds`,
        measured: `${text(perMinute)} MiB (${text(low)} to ${text(high)}) of ${inMebibytes(bytes(mean)).toFixed(0)} MiB`,
        pass: bench.quick ? null : high <= mostPerMinute * mean,
      },
      {
        what: 'the most and the least it held in that time',
        asked: '-',
        measured: `${inMebibytes(bytes(Math.max(...sizes.slice(warmUp)))).toFixed(0)} and ${inMebibytes(bytes(Math.min(...sizes.slice(warmUp)))).toFixed(0)} MiB`,
        pass: null,
      },
    ];
  },
};

const text = (growth: number): string => `${growth >= 0 ? '+' : ''}${inMebibytes(bytes(growth)).toFixed(2)}`;

const secondsPerMinute = inSeconds(parseDuration('1m'));

/**
 * Least squares through the means of equal parts, long enough that the garbage collector's teeth average out; Student's t
 * (n − 2 degrees of freedom) on the slope.
 * @param sizes one a second, in bytes
 */
function growthOf(
  sizes: readonly number[],
  part: number,
): { perMinute: number; low: number; high: number; mean: number } {
  const points = Array.from({ length: Math.floor(sizes.length / part) }, (_, index) => {
    const held = sizes.slice(index * part, (index + 1) * part);
    return [(index * part) / secondsPerMinute, held.reduce((sum, size) => sum + size, 0) / part] as const;
  });
  const [meanX, mean] = [0, 1].map(
    (axis) => points.reduce((sum, point) => sum + (point[axis] ?? 0), 0) / points.length,
  );
  if (meanX === undefined || mean === undefined) throw new RangeError('no points');
  const perMinute = slope(points) ?? Number.NaN;
  const residual = points.reduce((sum, [x, y]) => sum + (y - mean - perMinute * (x - meanX)) ** 2, 0);
  const spread = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  const half = studentTQuantile(0.975, points.length - 2) * Math.sqrt(residual / (points.length - 2) / spread);
  return { perMinute, low: perMinute - half, high: perMinute + half, mean };
}
