import test from 'ava';
import { buildRunRecord } from '../fixtures/records/build-run-record.ts';
import type { Plan } from '../model/plan.ts';
import type { Factor } from '../model/sweep-figures.ts';
import { seconds } from '../model/units.ts';
import { planCell } from './plan-cell.ts';

const { plan } = buildRunRecord({ stages: [{ rate: 1, seconds: 1 }], name: 'orders' });
const launched: Plan = {
  ...plan,
  target: {
    kind: 'launch',
    url: null,
    readyPath: null,
    readyTimeoutMs: seconds(10),
    command: ['./{{ program }}', '-pool={{pool}}', '{{pool}}/{{batch}}', '{{.Theirs}}'],
    workingDirectory: '/',
    environment: { DSN: 'db?max={{pool}}', GOGC: '100' },
    listeningPattern: 'on (.*)',
    limits: { memoryBytes: null, cpus: null },
  },
};
const factors: readonly Factor[] = [
  { name: 'pool', kind: 'setting', values: ['4', '8'] },
  { name: 'GOGC', kind: 'environment', values: ['50', '200'] },
];

test('a cell’s values go into command and environment, the scenario’s into what no factor sets', (t) => {
  const settings = { program: 'orders', pool: '16', batch: '10' };
  const planned = planCell(launched, { factors, cell: { pool: '8', GOGC: '50' }, settings, seed: 7 });
  t.like(planned, {
    seed: 7,
    target: {
      command: ['./orders', '-pool=8', '8/10', '{{.Theirs}}'],
      environment: { DSN: 'db?max=8', GOGC: '50' },
      workingDirectory: '/',
    },
  });
  t.deepEqual(planned.loadProfile, launched.loadProfile);
});

test('an attached target cannot be set', (t) => {
  t.throws(() => planCell(plan, { factors, cell: {}, settings: {}, seed: 1 }), { instanceOf: TypeError });
});
