import test from 'ava';
import { buildObservedStage, reading } from '../../fixtures/records/build-observed-stage.ts';
import type { SweepCell, SweepFigures } from '../../model/sweep-figures.ts';
import { epochMilliseconds } from '../../model/units.ts';
import { toTerminal } from '../render/to-terminal.ts';
import { composeSweep } from './compose-sweep.ts';

const interval = (estimate: number) => ({
  ...reading(estimate),
  low: estimate * 0.9,
  high: estimate * 1.1,
  confidence: 0.95,
});

function cell(settings: SweepCell['settings'], p99: number): SweepCell {
  const observed = buildObservedStage({
    runs: 3,
    objectives: { met: 2, missed: 1, undecided: 0 },
    responseTimeMs: { '0.5': null, '0.9': null, '0.99': interval(p99), '0.999': null },
    gcCpuShare: reading(0.05),
    warnings: settings['GOGC'] === '100' ? ['few-gc-cycles'] : [],
  });
  return {
    settings,
    runs: ['run-1', 'run-2', 'run-3'],
    status: 'measured',
    reasons: [],
    observed,
    stages: [buildObservedStage({ index: 0, name: '100/s', load: 100 }), observed],
    predicted: null,
  };
}

const dead: SweepCell = {
  settings: { GOGC: 'off', pool: '8' },
  runs: ['run-4'],
  status: 'failed',
  reasons: ['run 1: the target ended: killed by SIGKILL'],
  observed: null,
  stages: [],
  predicted: null,
};

const figures: SweepFigures = {
  design: 'grid',
  factors: [
    { name: 'GOGC', kind: 'environment', values: ['50', '100', 'off'] },
    { name: 'pool', kind: 'setting', values: ['8'] },
  ],
  repeats: 3,
  seed: 1,
  finished: true,
  cells: [cell({ GOGC: '50', pool: '8' }, 20), cell({ GOGC: '100', pool: '8' }, 12), dead],
  recommended: null,
  recommendedReason: 'no model was fitted',
  unpredictedReason: 'no model was fitted',
  pool: null,
  verification: null,
  warnings: [{ code: 'cell-not-measured', message: 'GOGC=off pool=8 was not measured' }],
};

const documentOf = (changed: Partial<SweepFigures> = {}, unfinished: string | null = null) =>
  composeSweep({
    id: '20261121-091300-orders-0001',
    name: 'orders',
    startedAt: epochMilliseconds(Date.UTC(2026, 10, 21, 9, 13)),
    unfinished,
    figures: { ...figures, ...changed },
  });

test('the terminal has a row for each cell, the dead one with its reason, and says where the intervals are from', (t) => {
  const text = toTerminal(documentOf(), { colour: false, width: 140, reportPath: 'report.html' });
  t.regex(text, /2 of 3 cells measured, 3 runs each/);
  t.regex(text, /GOGC=off pool=8 was not measured/);
  t.regex(text, /^50 +8 .*20\.0.*18\.0–22\.0/m);
  t.regex(text, /^off +8 .*failed: run 1: the target ended: killed by SIGKILL/m);
  t.regex(text, /met in 2, missed in 1/);
  t.regex(text, /intervals between runs/);
  t.regex(text, /Fewer than twenty collections were seen at GOGC=100 pool=8:/);
  t.regex(text, /No prediction: no model was fitted\./);
  t.regex(text, /Recommended: none\./);
  t.notRegex(text, /heap goal/, 'what is known of no cell has no column');
  t.regex(toTerminal(documentOf({ repeats: 1 }), { colour: false, width: 140, reportPath: null }), /--repeats 3 tells/);
});

test('one or two factors are drawn, three are not, and every further load has its table', (t) => {
  const { blocks } = documentOf();
  const charts = blocks.filter((block) => block.kind === 'chart');
  t.deepEqual(
    charts.map(({ id }) => id),
    ['sweep-p99', 'sweep-done', 'sweep-gc-cpu'],
  );
  t.deepEqual(charts[0]?.rows, [
    ['50', '8', '20.0 ms', '18.0–22.0'],
    ['100', '8', '12.0 ms', '10.8–13.2'],
  ]);
  t.true(blocks.some((block) => block.kind === 'table' && block.caption === '100/s'));
  const third = { name: 'batch', kind: 'setting', values: ['1', '2'] } as const;
  const more = documentOf({ factors: [...figures.factors, third] });
  t.false(more.blocks.some(({ kind }) => kind === 'chart'));
});

test('a sweep that is not over says so first', (t) => {
  const [first] = documentOf({ finished: false }, 'interrupted before the sweep was over').blocks;
  t.like(first, { kind: 'text', tone: 'warning' });
  t.regex(first?.kind === 'text' ? first.text : '', /Interrupted before the sweep was over\./);
});
