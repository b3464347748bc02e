import test from 'ava';
import { assert, double, nat, oneof, property } from 'fast-check';
import { rateText } from '../model/rate-text.ts';
import { epochMilliseconds } from '../model/units.ts';
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatIn,
  formatInstant,
  formatInterval,
  formatLatency,
  formatPercent,
  formatQuantity,
  formatRate,
  formatSetting,
  scaleFor,
} from './format-quantity.ts';

const cases: readonly (readonly [string, string])[] = [
  [formatLatency(0), '0 ms'],
  [formatLatency(0.01234), '12.3 µs'],
  [formatLatency(0.9994), '999 µs'],
  // Rounds to 1.00 ms, so it is told in milliseconds.
  [formatLatency(0.9996), '1.00 ms'],
  [formatLatency(9.995), '9.99 ms'],
  [formatLatency(9.996), '10.0 ms'],
  [formatLatency(999.6), '1.00 s'],
  [formatLatency(123_456), '123 s'],
  [formatRate(1400), '1,400/s'],
  [formatRate(1398.6), '1,399/s'],
  [formatRate(0.5), '0.500/s'],
  [formatPercent(0), '0%'],
  [formatPercent(0.07), '7.00%'],
  [formatPercent(0.00012), '0.0120%'],
  [formatPercent(0.99997), '99.997%'],
  [formatPercent(0.9999999), '99.9999%'],
  [formatPercent(1), '100%'],
  [formatBytes(512 * 1024 ** 2), '512 MiB'],
  [formatBytes(1536), '1.50 KiB'],
  [formatBytes(7), '7 B'],
  [formatCount(1_234_567), '1,234,567'],
  [formatCount(-1234), '−1,234'],
  [formatQuantity(8e9, 'nanoseconds'), '8.00 s'],
  [formatQuantity(212, 'ms/s'), '212 ms/s'],
  [formatQuantity(3, 'apples'), '3.00 apples'],
  [formatSetting(1, 'ms'), '1 ms'],
  [formatSetting(0.001, 'ratio'), '0.1%'],
  [formatSetting(15_000, '1'), '15,000'],
  [formatDuration(250), '250 ms'],
  [formatDuration(45_000), '45 s'],
  [formatDuration(145_000), '2 min 25 s'],
  [formatDuration(59_999), '1 min'],
  [formatDuration(3_900_000), '1 h 5 min'],
  [formatInstant(epochMilliseconds(Date.UTC(2026, 10, 21, 9, 13))), '2026-11-21 09:13:00 UTC'],
];

for (const [said, wanted] of cases) test(`"${wanted}"`, (t) => t.is(said, wanted));

test('a rate reads the same in a sentence of the analysis and in a cell of a report', (t) => {
  t.is(rateText(655.7), '656/s');
  t.is(rateText(1051.6), '1,052/s');
  t.is(rateText(12_000), '12,000/s');
  t.is(rateText(0), '0/s');
  const rate = oneof(nat(2_000_000), double({ min: 0, max: 2_000_000, noNaN: true }));
  assert(
    property(rate, (perSecond) => rateText(perSecond) === formatRate(perSecond)),
    { seed: 20261121 },
  );
});

test('what is not a number is a dash, never NaN', (t) => {
  for (const value of [null, Number.NaN, Number.POSITIVE_INFINITY]) {
    for (const unit of ['ms', 'B', 'ratio', '1', '1/s', 'ms/s']) t.is(formatQuantity(value, unit), '–');
    t.is(formatSetting(value, 'ms'), '–');
  }
  t.is(formatDuration(Number.NaN), '–');
  t.is(formatInstant(epochMilliseconds(Number.NaN)), '–');
});

test('one scale for a whole column', (t) => {
  const scale = scaleFor('ms', [3.1, 4.4, 211, 1197]);
  t.is(scale.symbol, 'ms');
  t.deepEqual(
    [3.1, 211, 1197].map((value) => formatIn(scale, value)),
    ['3.10', '211', '1,197'],
  );
  t.is(scaleFor('B', [3e6, 9e6]).symbol, 'MiB');
  t.is(scaleFor('ms', [null, 0]).symbol, 'ms', 'nothing to go by: the unit itself');
});

test('an open end of an interval is said', (t) => {
  const scale = scaleFor('ms', [12]);
  t.is(formatInterval(scale, 11.8, 13.1), '11.8–13.1');
  t.is(formatInterval(scale, 11.8, null), '≥ 11.8');
  t.is(formatInterval(scale, null, 13.1), '≤ 13.1');
});

test('three digits lose less than half a per cent, whatever the size', (t) => {
  assert(
    property(double({ min: 1e-2, max: 1e7, noNaN: true }), (value) => {
      const text = formatLatency(value);
      const [number = '', symbol = ''] = text.split(' ');
      const size = { µs: 0.001, ms: 1, s: 1000 }[symbol];
      t.not(size, undefined, `no unit in ${text}`);
      t.true(
        Math.abs(Number(number.replaceAll(',', '')) * (size ?? Number.NaN) - value) <= 0.005001 * value,
        `${value} → ${text}`,
      );
    }),
    { seed: 20261121, numRuns: 500 },
  );
});
