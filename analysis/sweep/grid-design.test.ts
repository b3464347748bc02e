import test from 'ava';
import * as fc from 'fast-check';
import type { Factor } from '../../model/sweep-figures.ts';
import type { SweepRun } from './sweep-run.ts';
import { gridCells, gridDesign } from './grid-design.ts';
import { settingsText } from './same-settings.ts';
import type { NextRun } from './sweep-design.ts';

const factor = (name: string, ...values: string[]): Factor => ({ name, kind: 'environment', values });
const factors = [factor('GOGC', '50', '100', 'off'), factor('GOMEMLIMIT', '256MiB', '1GiB')];

const over = ({ settings, repeat }: Extract<NextRun, { kind: 'run' }>): SweepRun => ({
  purpose: 'cell',
  collector: [],
  pool: null,
  settings,
  repeat,
  run: '',
  outcome: { status: 'completed', reason: '' },
  stages: [],
  environment: {},
});

/** What a sweep that is never interrupted does, from some runs on. */
function wholeOrder(repeats: number, seed: number, before: readonly SweepRun[] = []): readonly SweepRun[] {
  const { next: design } = gridDesign(factors, repeats, seed);
  const runs = [...before];
  for (;;) {
    const next = design(runs);
    if (next.kind === 'done') return runs;
    runs.push(over(next));
  }
}

test('the grid is every combination, once, in the order of the factors', (t) => {
  t.deepEqual(gridCells(factors).map(settingsText), [
    'GOGC=50 GOMEMLIMIT=256MiB',
    'GOGC=50 GOMEMLIMIT=1GiB',
    'GOGC=100 GOMEMLIMIT=256MiB',
    'GOGC=100 GOMEMLIMIT=1GiB',
    'GOGC=off GOMEMLIMIT=256MiB',
    'GOGC=off GOMEMLIMIT=1GiB',
  ]);
});

test('every repeat holds every cell once, repeats follow one another, and a seed gives one order', (t) => {
  const cells = gridCells(factors).map(settingsText).toSorted();
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 4 }), fc.nat(), (repeats, seed) => {
      const order = wholeOrder(repeats, seed);
      t.deepEqual(
        order.map(({ repeat }) => repeat),
        Array.from({ length: repeats }, (_, index) => cells.map(() => index + 1)).flat(),
      );
      for (let repeat = 1; repeat <= repeats; repeat++)
        t.deepEqual(
          order
            .filter((run) => run.repeat === repeat)
            .map(({ settings }) => settingsText(settings))
            .toSorted(),
          cells,
        );
      t.deepEqual(wholeOrder(repeats, seed), order);
    }),
    { seed: 6, numRuns: 30 },
  );
});

test('blocks and seeds differ in their order', (t) => {
  const orders = new Set(
    Array.from({ length: 20 }, (_, seed) => wholeOrder(2, seed).map(({ settings }) => settingsText(settings))).flatMap(
      (order) => [order.slice(0, 6).join(), order.slice(6).join()],
    ),
  );
  t.true(orders.size > 30, `${orders.size} of 40 orders are different`);
});

test('a sweep goes on where it was, whichever runs it has', (t) => {
  const order = wholeOrder(2, 7);
  fc.assert(
    fc.property(fc.subarray([...order]), (before) => {
      const after = wholeOrder(2, 7, before);
      t.is(after.length, order.length);
      t.deepEqual(
        after.slice(before.length),
        order.filter((run) => !before.includes(run)),
      );
    }),
    { seed: 6, numRuns: 50 },
  );
});

test('settings are the same in whatever order their names stand', (t) => {
  const [first] = wholeOrder(1, 3);
  if (first === undefined) throw new Error('an empty order');
  const turned = { ...first, settings: Object.fromEntries(Object.entries(first.settings).toReversed()) };
  t.deepEqual(wholeOrder(1, 3, [turned]).slice(1), wholeOrder(1, 3).slice(1));
});
