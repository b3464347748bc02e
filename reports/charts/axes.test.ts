import test from 'ava';
import { array, assert, double, property } from 'fast-check';
import { latencyAxis, linearAxis, logAxis } from './axes.ts';

test('linear ticks are round in the unit that is shown', (t) => {
  const { axis, scale } = linearAxis('size', 'B', [0, 113 * 1024 ** 2], 4);
  t.is(axis.title, 'size, MiB');
  t.deepEqual(
    axis.values,
    [0, 50, 100, 150].map((tick) => tick * 1024 ** 2),
  );
  t.true(axis.labelExpr.includes('"150"'));
  t.deepEqual(scale.domain, [0, 150 * 1024 ** 2]);
});

test('log ticks are few and carry their own unit', (t) => {
  const { axis } = logAxis('response time', 'ms', [0.4, 4500]);
  t.deepEqual(axis.values, [0.1, 1, 10, 100, 1000, 10_000]);
  t.true(axis.labelExpr.includes('"100 µs"') && axis.labelExpr.includes('"10 s"'));
});

test('latencies get a log axis only where they span decades', (t) => {
  t.is(latencyAxis('time', [10, 40]).scale.type, 'linear');
  t.is(latencyAxis('time', [1, 400]).scale.type, 'log');
  t.is(latencyAxis('time', []).scale.type, 'linear');
});

test('an axis holds all its values and has 2 to 25 ticks', (t) => {
  const values = array(double({ min: 1e-3, max: 1e9, noNaN: true }), { minLength: 1, maxLength: 20 });
  assert(
    property(values, (points) => {
      for (const { scale, axis } of [linearAxis('x', '1/s', points), logAxis('x', 'ms', points)]) {
        const [from, to] = scale.domain;
        t.true(from < to);
        t.true(
          points.every((point) => point >= from * (1 - 1e-9) && point <= to * (1 + 1e-9)),
          `${from}–${to}`,
        );
        t.true(axis.values.length >= 1 && axis.values.length <= 25, `${axis.values.length} ticks`);
      }
    }),
    { seed: 7, numRuns: 300 },
  );
});
