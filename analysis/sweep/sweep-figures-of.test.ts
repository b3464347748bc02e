import test from 'ava';
import { buildObservedStage, reading } from '../../fixtures/records/build-observed-stage.ts';
import type { SweepRun } from './sweep-run.ts';
import { gridDesign } from './grid-design.ts';
import { type SweepOrder, sweepFiguresOf } from './sweep-figures-of.ts';

const order: SweepOrder = {
  design: 'grid',
  factors: [{ name: 'GOGC', kind: 'environment', values: ['50', '100'] }],
  repeats: 2,
  seed: 1,
};
const figuresOf = (...runs: readonly SweepRun[]) =>
  sweepFiguresOf(runs, order, gridDesign(order.factors, order.repeats, order.seed), {
    environment: {},
    memoryLimitBytes: null,
  });

function run(GOGC: string, repeat: number, wishes: Partial<SweepRun> = {}): SweepRun {
  return {
    purpose: 'cell',
    collector: [],
    pool: null,
    settings: { GOGC },
    repeat,
    run: `run-${GOGC}-${repeat}`,
    outcome: { status: 'completed', reason: '' },
    stages: [valid(200, repeat)],
    environment: { GOGC, 'Go version': 'go1.26.0' },
    ...wishes,
  };
}

const valid = (load: number, done: number): SweepRun['stages'][number] => ({
  validity: { status: 'valid', reasons: [] },
  observed: buildObservedStage({ index: load, load, completedPerSecond: reading(done) }),
});
const invalid = { ...valid(200, 0), validity: { status: 'invalid', reasons: ['schedule-not-kept'] } } as const;
const died = { outcome: { status: 'aborted', reason: 'the target ended: killed' }, stages: [] } as const;

test('a cell is the mean of its runs, and all is done when each has as many as asked for', (t) => {
  const figures = figuresOf(run('50', 1), run('100', 1), run('100', 2), run('50', 2));
  t.true(figures.finished);
  t.deepEqual(figures.warnings, []);
  t.deepEqual(
    figures.cells.map(({ settings, runs, status, observed }) => [
      settings['GOGC'],
      runs,
      status,
      observed?.completedPerSecond?.estimate,
    ]),
    [
      ['50', ['run-50-1', 'run-50-2'], 'measured', 1.5],
      ['100', ['run-100-1', 'run-100-2'], 'measured', 1.5],
    ],
  );
  t.is(figures.recommended, null);
  t.is(figures.cells[0]?.predicted, null);
  t.regex(figures.unpredictedReason ?? '', /no stage shows the garbage collector/);
  t.is(figures.recommendedReason, figures.unpredictedReason);
});

test('a cell that was not measured stays in the table with its reason', (t) => {
  const figures = figuresOf(
    run('50', 1, died),
    run('50', 2, died),
    run('100', 1),
    run('100', 2, { stages: [invalid] }),
  );
  const [fifty, hundred] = figures.cells;
  t.like(fifty, {
    status: 'failed',
    observed: null,
    runs: ['run-50-1', 'run-50-2'],
    reasons: ['run 1: the target ended: killed', 'run 2: the target ended: killed'],
  });
  t.like(hundred, { status: 'partly', reasons: ['run 2: not valid: schedule-not-kept'] });
  t.is(hundred?.observed?.runs, 1);
  t.is(hundred?.observed?.completedPerSecond?.estimate, 1, 'the run that is not valid counts for nothing');
  t.deepEqual(
    figures.warnings.map(({ code }) => code),
    ['cell-not-measured', 'cell-partly-measured'],
  );
});

test('a cell whose runs are all invalid is invalid; one without a run is pending', (t) => {
  const { cells, finished, warnings } = figuresOf(run('50', 1, { stages: [invalid] }));
  t.false(finished);
  t.deepEqual(
    cells.map(({ status }) => status),
    ['invalid', 'pending'],
  );
  t.deepEqual(
    warnings.map(({ message }) => message),
    ['GOGC=50 was not measured: run 1: not valid: schedule-not-kept'],
    'what is still to come is no fault',
  );
});

test('the highest load is shown; the others are kept; a run that ended early counts for what it got to', (t) => {
  const stages = [valid(100, 100), valid(300, 299), valid(200, 200)];
  const short = { stages: [valid(100, 90)], outcome: { status: 'aborted', reason: 'too many errors' } } as const;
  const { cells } = figuresOf(
    run('50', 1, { stages }),
    run('50', 2, {
      ...short,
      stages: [valid(100, 90), { ...invalid, observed: buildObservedStage({ index: 300, load: 300 }) }],
    }),
  );
  t.is(cells[0]?.observed?.load, 300);
  t.is(cells[0]?.observed?.runs, 1);
  t.is(cells[0]?.status, 'partly');
  t.deepEqual(cells[0]?.reasons, ['run 2: too many errors']);
  t.deepEqual(
    cells[0]?.stages.map(({ load, runs, completedPerSecond }) => [load, runs, completedPerSecond?.estimate]),
    [
      [100, 2, 95],
      [200, 1, 200],
      [300, 1, 299],
    ],
  );
});

test('what differs beside the settings is said, and a setting that did not reach the process', (t) => {
  const figures = figuresOf(
    run('50', 1),
    run('100', 1, { environment: { GOGC: '100', 'Go version': 'go1.25.1' } }),
    run('50', 2, { environment: { GOGC: '200', 'Go version': 'go1.26.0' } }),
    run('100', 2, { environment: { GOGC: null, 'Go version': null } }),
  );
  t.deepEqual(figures.warnings, [
    {
      code: 'environments-differ',
      message: 'Go version is not the same in all runs: go1.26.0 in 2 runs, go1.25.1 in 1 run',
    },
    {
      code: 'setting-without-effect',
      message: 'GOGC=50: the process behind the service has GOGC=200, so the setting did not reach it',
    },
  ]);
});
