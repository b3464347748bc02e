import test from 'ava';
import type { HistoryEntry } from '../../model/history-entry.ts';
import { epochMilliseconds } from '../../model/units.ts';
import { type ListAsked, historyFigures } from './history-figures.ts';

const entry = (run: string, night: number, changes: Partial<HistoryEntry> = {}): HistoryEntry => ({
  formatVersion: 1,
  project: 'shop',
  service: 'orders',
  scenario: 'nightly',
  scenarioHash: 'one',
  arm: 'candidate',
  pair: null,
  run,
  commit: null,
  configHash: 'one',
  environmentHash: 'one',
  validity: { status: 'ok', reasons: [] },
  startedAt: epochMilliseconds(Date.UTC(2026, 10, 1 + night, 3)),
  stages: [
    { index: 1, name: 'low', load: 100, valid: true, late: false, figures: { p99Ms: 5 } },
    { index: 2, name: 'high', load: 200, valid: true, late: false, figures: { p99Ms: 9, errorShare: 0 } },
  ],
  ...changes,
});

const asked: ListAsked = { scenario: null, arm: null, metrics: ['p99', 'errors'], stage: null, last: null };
const list = (entries: readonly HistoryEntry[], of: Partial<ListAsked> = {}) =>
  historyFigures('h.jsonl', { entries, damaged: [] }, { ...asked, ...of });

test('figures are those of the highest load, or of the stage that is named', (t) => {
  t.like(list([entry('a', 0)]).runs, [{ run: 'a', stage: { index: 2 }, figures: { p99Ms: 9, errorShare: 0 } }]);
  t.like(list([entry('a', 0)], { stage: 1 }).runs, [{ stage: { index: 1 }, figures: { p99Ms: 5, errorShare: null } }]);
  t.like(list([entry('a', 0)], { stage: 7 }).runs, [{ stage: null, figures: { p99Ms: null } }]);
});

test('scenario, arm and number choose', (t) => {
  const entries = [entry('a', 0), entry('b', 1, { arm: 'reference' }), entry('c', 2, { scenario: 'soak' })];
  const shown = (of: Partial<ListAsked>) => list(entries, of).runs.map(({ run }) => run);
  t.deepEqual(shown({}), ['a', 'b', 'c']);
  t.deepEqual(shown({ arm: 'reference' }), ['b']);
  t.deepEqual(shown({ scenario: 'soak' }), ['c']);
  t.deepEqual(shown({ last: 2 }), ['b', 'c']);
});

test('a night without a run is said, one that was late is not', (t) => {
  const late = epochMilliseconds(Date.UTC(2026, 10, 2, 12));
  t.deepEqual(list([entry('a', 0), entry('b', 1, { startedAt: late })]).warnings, []);
  t.deepEqual(list([entry('a', 0), entry('b', 4)]).warnings, [
    { code: 'nights-missing', message: 'candidate of nightly: no run from 2026-11-01 to 2026-11-05' },
  ]);
});

const codesWith = (changes: Partial<HistoryEntry>) =>
  list([entry('a', 0), entry('b', 1, changes)]).warnings.map(({ code }) => code);

test('what makes figures no one series is said', (t) => {
  t.deepEqual(codesWith({ scenarioHash: 'two' }), ['scenarios-differ']);
  t.deepEqual(codesWith({ environmentHash: 'two' }), ['environments-differ']);
  const { warnings } = historyFigures('h.jsonl', { entries: [], damaged: [{ line: 3, reason: 'it was cut' }] }, asked);
  t.deepEqual(warnings, [{ code: 'line-left-out', message: 'line 3 of h.jsonl is left out: it was cut' }]);
});
