import test from 'ava';
import type { HistoryEntry } from '../../model/history-entry.ts';
import { epochMilliseconds } from '../../model/units.ts';
import { toTerminal } from '../../reports/render/to-terminal.ts';
import { golden } from '../../test/golden.ts';
import { composeHistory } from './compose-history.ts';
import { historyFigures } from './history-figures.ts';

const entry = (night: number, changes: Partial<HistoryEntry> = {}, p99: number | null = 12.5): HistoryEntry => ({
  formatVersion: 1,
  project: 'shop',
  service: 'orders',
  scenario: 'nightly',
  scenarioHash: 'one',
  arm: 'candidate',
  pair: null,
  run: `2026110${night}-031500-nightly-0a${night}f`,
  commit: '0123456789abcdef0123456789abcdef01234567',
  configHash: 'one',
  environmentHash: 'one',
  validity: { status: 'ok', reasons: [] },
  startedAt: epochMilliseconds(Date.UTC(2026, 10, night, 3, 15)),
  stages: [
    {
      index: 1,
      name: '800/s',
      load: 800,
      valid: p99 !== null,
      late: night === 2,
      figures: { p99Ms: p99, errorShare: 0.0004, cpuMsPerRequest: 0.41 },
    },
  ],
  ...changes,
});

test('the runs of a history, with what is wrong with some', (t) => {
  const invalid = { status: 'invalid', reasons: ['stage 1: generator-busy'] } as const;
  const entries = [
    entry(1, { arm: 'reference', commit: null }),
    entry(2),
    entry(5, { environmentHash: 'two' }),
    entry(6, { environmentHash: 'two', validity: invalid }, null),
    entry(7, { environmentHash: 'two', stages: [] }),
  ];
  const figures = historyFigures(
    '.plimsoll/history.jsonl',
    { entries, damaged: [{ line: 6, reason: 'it was cut or altered' }] },
    { scenario: null, arm: null, metrics: ['p99', 'errors', 'cpu-per-request'], stage: null, last: null },
  );
  const text = toTerminal(composeHistory(figures), { colour: false, width: 140, reportPath: null });
  t.is(text, golden('history-140.txt', text));
});
