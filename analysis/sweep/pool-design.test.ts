import test from 'ava';
import type { PoolReading } from '../../model/pool-decision.ts';
import { milliseconds } from '../../model/units.ts';
import { poolDesign } from './pool-design.ts';
import type { SweepRun } from './sweep-run.ts';

const design = poolDesign({
  factor: 'pool',
  least: 1,
  most: 100,
  start: 4,
  repeats: 2,
  objective: { kind: 'mean-wait', limit: milliseconds(1) },
});

const about = (estimate: number) => ({ estimate, low: estimate * 0.98, high: estimate * 1.02 });
const reading = (wait: number): PoolReading => ({
  offered: null,
  throughput: about(500),
  hold: about(10),
  wait: about(wait),
  waiting: null,
  waitOver: null,
  inUse: about(4),
  errors: 0,
  latency: null,
});
const run = (size: number, wait: number | null): SweepRun => ({
  purpose: 'cell',
  settings: { pool: String(size) },
  repeat: 1,
  run: '',
  outcome: { status: 'completed', reason: '' },
  stages: [],
  collector: [],
  pool: wait === null ? null : reading(wait),
  environment: {},
});

test('sizes follow from what was measured, each so often, until one is recommended', (t) => {
  t.deepEqual(design.next([]), { kind: 'run', settings: { pool: '4' }, repeat: 1 });
  t.deepEqual(design.next([run(4, 20)]), { kind: 'run', settings: { pool: '4' }, repeat: 2 });
  const grown = [run(4, 20), run(4, 22)];
  t.deepEqual(design.next(grown), { kind: 'run', settings: { pool: '6' }, repeat: 1 });
  t.is(design.conclude?.(grown).recommended, null);
  t.is(design.conclude?.(grown).reason, 'the sweep is not over');
  const over = [...grown, run(6, 0.1), run(6, 0.1), run(5, 3), run(5, 3)];
  t.deepEqual(design.next(over), { kind: 'done' });
  t.deepEqual(design.cells(over), [{ pool: '4' }, { pool: '5' }, { pool: '6' }]);
  const { recommended, pool } = design.conclude?.(over) ?? {};
  t.deepEqual(recommended?.settings, { pool: '6' });
  t.is(pool?.decisions.length, 3);
});

test('two runs in a row that tell nothing of the pool end the sweep without a size', (t) => {
  const lost = [run(4, null), run(4, null)];
  t.deepEqual(design.next(lost), { kind: 'done' });
  t.is(design.conclude?.(lost).recommended, null);
  t.regex(design.conclude?.(lost).reason ?? '', /two runs in a row at pool=4/);
});
