import test from 'ava';
import type { HistoryEntry } from '../../model/history-entry.ts';
import { epochMilliseconds } from '../../model/units.ts';
import { type SeriesAsked, seriesOfHistory } from './series-of-history.ts';

const entry = (run: string, p99: number | null, changes: Partial<HistoryEntry> = {}, late = false): HistoryEntry => ({
  formatVersion: 1,
  project: 'shop',
  service: 'orders',
  scenario: 'nightly',
  scenarioHash: 'one',
  arm: 'candidate',
  pair: null,
  run,
  commit: `of-${run}`,
  configHash: 'one',
  environmentHash: 'one',
  validity: { status: 'ok', reasons: [] },
  startedAt: epochMilliseconds(0),
  stages: [
    { index: 1, name: 'low', load: 100, valid: true, late: false, figures: { p99Ms: 1, serviceP99Ms: 0.5 } },
    {
      index: 2,
      name: 'high',
      load: 200,
      valid: true,
      late,
      figures: { p99Ms: p99, serviceP99Ms: p99 === null ? null : p99 / 2 },
    },
  ],
  ...changes,
});

const asked: SeriesAsked = { scenario: 'nightly', metric: 'p99', stage: null, toReference: false };
const valuesOf = (entries: readonly HistoryEntry[], of: Partial<SeriesAsked> = {}) =>
  seriesOfHistory(entries, { ...asked, ...of }).map(({ value }) => value);

test('one number a night, of the stage with the highest load or the one that is named', (t) => {
  const entries = [entry('a', 10), entry('b', 12), entry('c', 9, { scenario: 'soak' })];
  t.deepEqual(seriesOfHistory(entries, asked), [
    { run: 'a', commit: 'of-a', value: 10, gap: null },
    { run: 'b', commit: 'of-b', value: 12, gap: null },
  ]);
  t.deepEqual(valuesOf(entries, { stage: 1 }), [1, 1]);
});

test('what is no evidence is a gap with its reason', (t) => {
  const invalid = { validity: { status: 'invalid', reasons: ['stage 2: generator-busy'] } } as const;
  const gaps = seriesOfHistory([entry('a', 10, invalid), entry('b', null), entry('c', 9)], asked);
  t.deepEqual(
    gaps.map(({ gap }) => gap),
    ['the run is invalid: stage 2: generator-busy', 'it was not measured', null],
  );
  t.deepEqual(valuesOf([entry('a', 10)], { stage: 7 }), [null]);
});

test('over the reference of the same pair; a night without one is a gap', (t) => {
  const night = (name: string, base: number, p99: number): readonly HistoryEntry[] => [
    entry(`${name}-r`, base, { arm: 'reference', pair: name }),
    entry(`${name}-c`, p99, { pair: name }),
  ];
  const entries = [...night('1', 10, 11), ...night('2', 20, 22), entry('alone', 11), ...night('3', 0, 5)];
  t.deepEqual(valuesOf(entries, { toReference: true }), [1.1, 1.1, null, null]);
  t.deepEqual(valuesOf(entries), [11, 22, 11, 5]);
  const twice = [...entries, entry('more', 10, { arm: 'reference', pair: '1' })];
  t.is(seriesOfHistory(twice, { ...asked, toReference: true })[0]?.gap, '2 references have its pair');
});

test('where the generator was late in one night, times are service times in all', (t) => {
  t.deepEqual(valuesOf([entry('a', 10), entry('b', 12, {}, true)]), [5, 6]);
  t.deepEqual(valuesOf([entry('a', 10), entry('b', 12)]), [10, 12]);
});
