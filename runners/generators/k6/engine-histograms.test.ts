import { readFileSync, writeFileSync } from 'node:fs';
import test from 'ava';
import { LatencyHistogram } from '../../../model/latency-histogram.ts';
import { seededRandom } from '../../../model/random.ts';
import { microseconds } from '../../../model/units.ts';

/*
 * The k6 engine writes its histograms with code of its own. This file holds what hdr-histogram-js makes of some values;
 * the engine's tests read it (histogram/histogram_test.go). UPDATE_GOLDENS=1 writes it.
 */
const file = new URL('engine/histogram/testdata/golden.json', import.meta.url);

const random = seededRandom(7);
const cases: readonly { name: string; microseconds: readonly number[] }[] = [
  { name: 'one', microseconds: [1] },
  { name: 'zero and an hour', microseconds: [0, 3_600_000_000] },
  { name: 'edges', microseconds: [2, 1023, 1024, 2047, 2048, 2049, 2050, 4095, 4096, 65_535, 65_536, 1_000_000] },
  {
    name: 'latencies',
    microseconds: Array.from({ length: 600 }, () => Math.round(1500 * random.exponential() + 200)),
  },
  { name: 'alike', microseconds: Array.from({ length: 300 }, () => 5000) },
];

test('the golden histograms are those of hdr-histogram-js', (t) => {
  const golden = cases.map((each) => {
    const histogram = new LatencyHistogram();
    for (const value of each.microseconds) histogram.record(microseconds(value));
    return { ...each, encoded: histogram.encode() };
  });
  const text = `${JSON.stringify(golden)}\n`;
  if (process.env['UPDATE_GOLDENS'] !== undefined) writeFileSync(file, text);
  t.is(readFileSync(file, 'utf8'), text);
});
