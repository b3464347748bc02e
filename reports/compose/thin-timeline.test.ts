import test from 'ava';
import type { TimelinePoint } from '../../analysis/analysis.ts';
import { milliseconds } from '../../model/units.ts';
import { thinTimeline } from './thin-timeline.ts';

const point = (second: number, p99: number | null): TimelinePoint => ({
  second,
  stage: 1,
  due: 10,
  done: 9,
  failed: 1,
  shed: 0,
  dropped: 0,
  p50Ms: null,
  p99Ms: p99 === null ? null : milliseconds(p99),
  latenessP99Ms: null,
});

test('short ones stay as they are', (t) => {
  const timeline = [point(0, 1), point(1, 2)];
  t.deepEqual(thinTimeline(timeline, 2), { points: timeline, width: 1 });
});

test('counts add up, the worst time stays, nothing is lost at the end', (t) => {
  const timeline = [5, null, 70, 3, 4, 1, 900].map((p99, second) => point(second, p99));
  const { points, width } = thinTimeline(timeline, 3);
  t.is(width, 3);
  t.deepEqual(
    points.map(({ second, due, p99Ms }) => [second, due, p99Ms]),
    [
      [0, 30, milliseconds(70)],
      [3, 30, milliseconds(4)],
      [6, 10, milliseconds(900)],
    ],
  );
});
