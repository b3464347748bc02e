import test from 'ava';
import type { Scenario } from '../model/scenario.ts';
import { k6ScriptName } from './plan-k6-script.ts';
import { type PlanOptions, planRun } from './plan-run.ts';

const options: PlanOptions = {
  requestsModule: { hash: '0123456789abcdef', endpoints: ['visit'], hasPrepare: false },
  rows: null,
  workingDirectory: '/home/user/load',
  processors: { generator: null, target: null },
  targetIsLocal: false,
  hasVariable: (name) => name === 'TOKEN',
};
const scenario: Scenario = {
  name: 'visits',
  target: 'http://127.0.0.1:8080',
  traffic: { k6Script: './flows/visit.k6.ts', environment: { TOKEN: 'env:TOKEN', CURRENCY: 'EUR' } },
  load: { stages: [{ hold: 20, for: '10s' }] },
};

const reasonsOf = (wrong: Scenario): string[] => {
  const planned = planRun(wrong, options);
  return planned.ok ? [] : planned.reasons.map(({ where, message, hint }) => `${where}: ${message} → ${hint}`);
};

test('a script is planned for k6, with the reason, and users enough for iterations of some seconds', (t) => {
  const planned = planRun(scenario, options);
  if (!planned.ok) throw new Error(JSON.stringify(planned.reasons));
  const { engine, traffic, connections } = planned.plan;
  t.deepEqual(engine, { name: 'k6', reason: './flows/visit.k6.ts is a k6 script, which only k6 runs' });
  t.deepEqual(traffic, {
    kind: 'k6-script',
    file: 'script-0123456789abcdef.mjs',
    hash: '0123456789abcdef',
    endpoints: ['visit'],
    folder: '/home/user/load/./flows',
    environment: { TOKEN: 'env:TOKEN', CURRENCY: 'EUR' },
  });
  t.is(connections.count, 100);
  t.regex(connections.reason, /iterations of up to 5000 ms at 20\/s/);
});

test('autocannon, prepare and a variable that is not set are refused, all at once', (t) => {
  const reasons = reasonsOf({
    ...scenario,
    engine: 'autocannon',
    prepare: async () => null,
    traffic: { k6Script: './visit.k6.ts', environment: { KEY: 'env:KEY' } },
  });
  t.is(reasons.length, 3, reasons.join('\n'));
  t.true(reasons.some((reason) => /engine: autocannon cannot run a k6 script → leave the engine out/.test(reason)));
  t.true(reasons.some((reason) => /prepare: .*→ log in inside the script/.test(reason)));
  t.true(reasons.some((reason) => /traffic\.environment\.KEY: the environment has no KEY → set it/.test(reason)));
});

const traffic = (value: unknown): string[] =>
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what a person may write
  reasonsOf({ ...scenario, traffic: value as Scenario['traffic'] });

test('a script beside requests, no file of a script, and a name that is no variable are faults of form', (t) => {
  t.regex(traffic({ k6Script: './a.k6.ts', requests: () => ({ path: '/' }) }).join(), /both requests and k6Script/);
  t.regex(traffic({ k6Script: './a.py' }).join(), /"\.\/a\.py" is not the path of a k6 script → such as/);
  t.regex(traffic({ k6Script: './a.k6.ts', data: 'rows.csv' }).join(), /data/);
  t.regex(traffic({ k6Script: './a.k6.ts', environment: { 'a-b': 'c' } }).join(), /not the name of a variable/);
});

test('the iterations are called by the file', (t) => {
  t.is(k6ScriptName('./flows/check-out.k6.ts'), 'check-out');
  t.is(k6ScriptName('visit.js'), 'visit');
});
