import test from 'ava';
import type { Scenario } from '../model/scenario.ts';
import { defineScenario } from './define-scenario.ts';
import type { Misuse } from './misuse.ts';
import { type PlanOptions, planRun } from './plan-run.ts';
import { fillSettings } from './target-settings.ts';

const options: PlanOptions = {
  requestsModule: null,
  rows: null,
  workingDirectory: '/srv/orders',
  processors: { generator: null, target: null },
  targetIsLocal: true,
  hasVariable: () => true,
};

const launching = (target: Exclude<Scenario['target'], string>): Scenario => ({
  name: 'orders',
  target,
  traffic: { endpoints: [{ path: '/' }] },
  load: { stages: [{ hold: 10, for: '5s' }] },
});

function said(target: Exclude<Scenario['target'], string>): readonly string[] {
  const planned = planRun(launching(target), options);
  const reasons: readonly Misuse[] = planned.ok ? [] : planned.reasons;
  return reasons.map(({ where, message, hint }) => `${where}: ${message} (${hint})`);
}

test('a plan has the settings in its command and environment', (t) => {
  const planned = planRun(
    launching({
      launch: ['./orders', '-pool={{pool}}', '-batch', '{{ batch }}'],
      environment: { QUEUE: '{{pool}}0', FORMAT: '{{.Name}}' },
      settings: { pool: 16, batch: '10' },
    }),
    options,
  );
  t.like(planned, {
    ok: true,
    plan: {
      target: {
        command: ['./orders', '-pool=16', '-batch', '10'],
        environment: { QUEUE: '160', FORMAT: '{{.Name}}', GODEBUG: 'gctrace=1' },
      },
    },
  });
});

test('a place without a setting and a setting without a place are both said', (t) => {
  t.deepEqual(said({ launch: ['./orders', '-pool={{pol}}'], settings: { pool: 16 } }), [
    "target: {{pol}} is not among target.settings (write settings: { 'pol': '…' } beside launch)",
    'target.settings.pool: {{pool}} stands neither in launch nor in environment, so it sets nothing (write it where the service takes it, or leave it out)',
  ]);
});

test('settings are texts and numbers under names that can stand in braces', (t) => {
  for (const settings of [{ pool: Number.NaN }, { 'a b': 1 }, { pool: true }, [1]]) {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what a JavaScript file may hold
    const target = { launch: ['./orders', '{{pool}}'], settings } as unknown as Scenario['target'];
    t.throws(() => defineScenario({ ...launching({ url: 'http://127.0.0.1' }), target }), {
      message: /target\.settings/,
    });
  }
});

test('what is not known stays as it is written', (t) => {
  t.is(fillSettings('{{a}} {{b}} {{ a }}', { a: '1' }), '1 {{b}} 1');
  t.is(fillSettings('{{a}}', { a: '$&' }), '$&');
});
