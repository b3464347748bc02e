import test from 'ava';
import * as fc from 'fast-check';
import type { Scenario } from '../model/scenario.ts';
import { defineScenario, scenarioFaults } from './define-scenario.ts';
import { MisuseError } from './misuse.ts';

const sound: Scenario = {
  name: 'orders',
  target: 'http://127.0.0.1:8080',
  traffic: { endpoints: [{ path: '/menu' }] },
  load: { stages: [{ hold: 100, for: '30s' }] },
};

test('a sound scenario is given back as it is', (t) => {
  t.is(defineScenario(sound), sound);
});

test('every documented form of each setting is accepted', (t) => {
  const full: Scenario = {
    ...sound,
    target: { launch: ['./orders', '-port', '0'], environment: { GOGC: '100' }, memory: '512MiB', cpus: 1.5 },
    load: {
      arrivals: 'poisson',
      warmUp: { rate: '50/s', for: '0s' },
      stages: [
        { hold: '30/m', for: '1m30s', name: 'slow' },
        { ramp: [0, '2000/s'], for: '10s' },
        { stair: { from: 100, to: 1_000, step: 100 }, hold: '20s' },
      ],
    },
    prepare: async () => null,
    objectives: ['p99<200ms', 'GET /menu:errors<0.1%'],
    collect: { metrics: ['http://127.0.0.1:6060/metrics', '/metrics'], pprof: '/debug/pprof', profiles: 'light' },
    connections: 'auto',
    abort: { errors: false, latency: '2s', freeDisk: '1GiB', window: '5s' },
    processors: { generator: '0', target: '1-3' },
    limits: { cpu: '80%', goroutines: 10_000, poolWait: '0ms' },
  };
  t.deepEqual(scenarioFaults(full), []);
  t.deepEqual(scenarioFaults({ ...sound, load: { users: [{ users: 5, for: '5s' }], thinkTime: '1s' } }), []);
  t.deepEqual(scenarioFaults({ ...sound, traffic: { requests: () => ({ path: '/' }) } }), []);
});

test('ten mistakes give ten reasons, each with its place and a hint', (t) => {
  const mistaken: unknown = {
    nme: 'orders',
    name: 'orders',
    target: 'ftp://127.0.0.1',
    traffic: { endpoints: [{ path: 'menu', methd: 'GET', expect: '2x' }] },
    load: {
      stages: [
        { hold: 0, for: '30' },
        { ramp: [1], for: '5s' },
      ],
    },
    objectives: ['p99'],
    timeout: 'fast',
  };
  const reasons = scenarioFaults(mistaken);
  t.deepEqual(reasons.map(({ where }) => where).toSorted(), [
    'load.stages[0].for',
    'load.stages[0].hold',
    'load.stages[1].ramp',
    'nme',
    'objectives[0]',
    'target',
    'timeout',
    'traffic.endpoints[0].expect',
    'traffic.endpoints[0].methd',
    'traffic.endpoints[0].path',
  ]);
  for (const { hint, message } of reasons) {
    t.not(hint, '');
    t.not(message, '');
  }
  const hints = Object.fromEntries(reasons.map(({ where, hint }) => [where, hint]));
  t.is(hints['nme'], 'did you mean name?');
  t.is(hints['traffic.endpoints[0].methd'], 'did you mean method?');
});

const wrong: readonly (readonly [string, object, string])[] = [
  ['a rate of 0', { load: { stages: [{ hold: 0, for: '9s' }] } }, 'load.stages[0].hold'],
  ['a negative rate', { load: { stages: [{ hold: -5, for: '9s' }] } }, 'load.stages[0].hold'],
  ['a rate that is not a number', { load: { stages: [{ hold: Number.NaN, for: '9s' }] } }, 'load.stages[0].hold'],
  ['no stages', { load: {} }, 'load'],
  ['an empty list of stages', { load: { stages: [] } }, 'load.stages'],
  ['both rate and users', { load: { users: 5, stages: [] } }, 'load'],
  ['both requests and endpoints', { traffic: { requests: () => ({ path: '/' }), endpoints: [] } }, 'traffic'],
  [
    'a stair without step',
    { load: { stages: [{ stair: { from: 1, to: 5 }, hold: '9s' }] } },
    'load.stages[0].stair.step',
  ],
  [
    'a bad body expression',
    { traffic: { endpoints: [{ path: '/', expect: 'body~(' }] } },
    'traffic.endpoints[0].expect',
  ],
  ['a path in the target', { target: 'http://127.0.0.1:80/menu' }, 'target'],
  ['a password in the target', { target: 'http://u:p@127.0.0.1' }, 'target'],
  ['a password in a metrics URL', { collect: { metrics: 'http://u:p@127.0.0.1/metrics' } }, 'collect.metrics'],
  ['a pattern without a group', { target: { launch: ['./x'], listening: 'ready' } }, 'target.listening'],
  ['processors taskset does not know', { processors: { generator: 'first' } }, 'processors.generator'],
  ['a seed below 0', { seed: -1 }, 'seed'],
  [
    'a header that plimsoll writes',
    { traffic: { endpoints: [{ path: '/', headers: { 'Content-Length': '5' } }] } },
    'traffic.endpoints[0].headers',
  ],
  ['one header name for two things', { headers: { run: 'X-A', stage: 'x-a' } }, 'headers'],
  ['an abort window of nothing', { abort: { window: '0s' } }, 'abort.window'],
];
for (const [title, change, where] of wrong)
  test(`${title} is one reason`, (t) => {
    t.deepEqual(
      scenarioFaults({ ...sound, ...change }).map((reason) => reason.where),
      [where],
    );
  });

test('all reasons are in the error that is thrown', (t) => {
  const error = t.throws(() => defineScenario({ ...sound, name: '', timeout: '10' }), { instanceOf: MisuseError });
  t.deepEqual(
    error?.reasons.map(({ where }) => where),
    ['name', 'timeout'],
  );
});

test('whatever is exported, there are reasons and no exception', (t) => {
  fc.assert(
    fc.property(fc.anything({ withBigInt: true, withDate: true, withMap: true }), (value) => {
      t.true(scenarioFaults(value).length > 0);
    }),
    { seed: 3, numRuns: 500 },
  );
  fc.assert(
    fc.property(fc.constantFrom(...Object.keys(sound)), fc.anything(), (key, value) => {
      for (const { hint } of scenarioFaults({ ...sound, [key]: value })) t.not(hint, '');
    }),
    { seed: 4, numRuns: 1_000 },
  );
});
