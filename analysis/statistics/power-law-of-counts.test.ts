import test from 'ava';
import * as fc from 'fast-check';
import reference from '../../fixtures/reference/power-law.json' with { type: 'json' };
import { poisson } from '../../fixtures/records/simulate-profiles.ts';
import { seededRandom } from '../../model/random.ts';
import { type CountAtLoad, exponentInterval, powerLawAt, powerLawOfCounts } from './power-law-of-counts.ts';

const near = (seen: number, wanted: number, tolerance = 1e-7): boolean =>
  Math.abs(seen - wanted) <= tolerance * Math.max(1, Math.abs(wanted));

test('agrees with statsmodels, counts of 0 and overdispersed ones among them', (t) => {
  t.true(reference.cases.length > 25);
  for (const { counts, exposures, loads, at, ...wanted } of reference.cases) {
    const law = powerLawOfCounts(
      counts.map((count, index) => ({ count, exposure: exposures[index] ?? 0, load: loads[index] ?? 0 })),
    );
    if (law === null) {
      t.fail(`no law through ${counts.join(', ')}`);
      continue;
    }
    t.true(near(law.exponent, wanted.exponent), `${law.exponent} for ${wanted.exponent}`);
    t.true(near(1 / Math.sqrt(law.count * law.spread), wanted.standardError));
    t.true(near(law.dispersion, wanted.dispersion), `${law.dispersion} for ${wanted.dispersion}`);
    t.true(near(powerLawAt(law, at, 0.95).estimate, wanted.predicted));
    const { low, high } = exponentInterval(law, 0.95);
    const [least, most] = [low <= wanted.low + 1e-6, high >= wanted.high - 1e-6];
    t.true(least && most, 'never narrower than that of chance alone');
    if (law.dispersion <= 1) {
      t.true(near(low, wanted.low, 1e-6) && near(high, wanted.high, 1e-6));
      const there = powerLawAt({ ...law, dispersion: 1 }, at, 0.95);
      t.true(near(Math.log(there.high / there.estimate) / 1.959964, wanted.predictedErrorOfLogarithm, 1e-6));
    }
  }
});

test('counts that follow a law exactly give it back', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(
        fc.double({ min: -3, max: 3, noNaN: true }),
        fc.double({ min: 0.01, max: 10, noNaN: true }),
        fc.uniqueArray(fc.integer({ min: 10, max: 2000 }), { minLength: 3, maxLength: 8 }),
        (exponent, ratio, loads) => {
          const points = loads.map((load) => ({
            load,
            exposure: 30 * load,
            count: 30 * load * ratio * (load / 100) ** exponent,
          }));
          const law = powerLawOfCounts(points);
          return (
            law !== null && near(law.exponent, exponent, 1e-6) && near(powerLawAt(law, 100, 0.95).estimate, ratio, 1e-5)
          );
        },
      ),
      { seed: 5, numRuns: 200 },
    ),
  );
});

const at = (load: number, count: number): CountAtLoad => ({ load, count, exposure: 1000 });

test('nothing is said of fewer than three counts, of one load, or where all was counted at an end', (t) => {
  t.is(powerLawOfCounts([at(1, 5), at(2, 5)]), null);
  t.is(powerLawOfCounts([at(1, 5), at(1, 6), at(1, 7)]), null);
  t.is(powerLawOfCounts([at(1, 0), at(2, 0), at(3, 9)]), null);
  t.is(powerLawOfCounts([at(1, 9), at(2, 0), at(3, 0)]), null);
  t.is(powerLawOfCounts([at(1, 0), at(2, 0), at(3, 0)]), null);
  t.not(powerLawOfCounts([at(1, 0), at(2, 4), at(3, 0)]), null);
});

/** How often of 1,000 the interval of 95 % holds the exponent that the counts were made with. */
function coverage(exponent: number, loads: readonly number[], clump: number): number {
  const random = seededRandom(17);
  let held = 0;
  for (let round = 0; round < 1000; round++) {
    const points = loads.map((load) => {
      const mean = 200 * (load / 100) ** (1 + exponent);
      return { load, exposure: load, count: clump * poisson(mean / clump, random) };
    });
    const law = powerLawOfCounts(points);
    if (law === null) continue;
    const { low, high } = exponentInterval(law, 0.95);
    if (low <= exponent && exponent <= high) held++;
  }
  return held / 1000;
}

test('the interval holds the exponent as often as it says, also where samples come in clumps', (t) => {
  const five = [50, 100, 200, 400, 800];
  for (const exponent of [-1, 0, 1]) t.true(coverage(exponent, five, 1) >= 0.94, `${exponent}`);
  t.true(coverage(0, [100, 200, 400], 1) >= 0.94, 'three stages');
  t.true(coverage(0, five, 5) >= 0.9, `clumps of five: ${coverage(0, five, 5)}`);
});
