import test from 'ava';
import { scenarioFaults } from './define-scenario.ts';
import { Reasons } from './reasons.ts';
import { type FlagScenario, type RunFlags, scenarioFromFlags } from './scenario-from-flags.ts';

const usual: RunFlags = {
  url: 'http://127.0.0.1:8080/menu',
  rate: '200',
  to: null,
  step: null,
  hold: '20s',
  users: null,
  thinkTime: null,
  warmUp: '5s',
  arrivals: 'even',
  method: 'GET',
  headers: [],
  body: null,
  expect: '2xx,3xx',
  endpoints: null,
  rows: [],
  auth: null,
  adminAuth: null,
  metrics: [],
  pprof: [],
  name: null,
};

function read(flags: Partial<RunFlags>): FlagScenario & { readonly faults: readonly string[] } {
  const reasons = new Reasons();
  const made = scenarioFromFlags({ ...usual, ...flags }, reasons);
  for (const { hint } of reasons.list) if (hint === '') throw new Error('a reason without a hint');
  return { ...made, faults: reasons.list.map(({ where }) => where) };
}

test('the path of the URL is the endpoint, its origin the target, templates stay', (t) => {
  const { scenario, faults } = read({ url: 'http://127.0.0.1:8080/groups/{{id}}?q=a b#top', rows: [{ id: '1' }] });
  t.is(scenario.target, 'http://127.0.0.1:8080');
  t.like(scenario.traffic, { endpoints: [{ path: '/groups/{{id}}?q=a b' }], data: [{ id: '1' }] });
  t.deepEqual(faults, []);
  t.deepEqual(scenarioFaults(scenario), []);
  t.like(read({ url: 'http://127.0.0.1:8080' }).scenario.traffic, { endpoints: [{ path: '/' }] });
  t.like(read({ url: 'http://127.0.0.1:8080?a=1' }).scenario.traffic, { endpoints: [{ path: '/?a=1' }] });
});

test('rate alone is a hold, with to a ramp, with to and step a stair, users a closed loop', (t) => {
  t.like(read({}).scenario.load, { stages: [{ hold: '200', for: '20s' }], warmUp: '5s', arrivals: 'even' });
  t.like(read({ to: '2000' }).scenario.load, { stages: [{ ramp: ['200', '2000'], for: '20s' }] });
  t.like(read({ to: '2000', step: '300' }).scenario.load, {
    stages: [{ stair: { from: '200', to: '2000', step: '300' }, hold: '20s' }],
  });
  t.like(read({ rate: null, users: 5, thinkTime: '1s' }).scenario.load, { users: 5, for: '20s', thinkTime: '1s' });
});

test('flags that do not go together are refused, each by its name', (t) => {
  t.deepEqual(read({ users: 5 }).faults, ['--users']);
  t.deepEqual(read({ rate: null }).faults, ['--rate']);
  t.deepEqual(read({ step: '5', thinkTime: '1s', headers: ['no header'], auth: 'nobody' }).faults.toSorted(), [
    '--auth',
    '--header',
    '--step',
    '--think-time',
  ]);
});

test('no secret is in the scenario; the values go another way', (t) => {
  const { scenario, secrets, faults } = read({
    auth: 'reader:päss',
    adminAuth: 'bearer:admin-token',
    headers: ['Cookie: session=abc', 'X-Api-Key: k-123', 'Accept: text/plain'],
    endpoints: [{ path: '/a', headers: { 'proxy-authorization': 'Basic own' } }],
  });
  t.deepEqual(faults, []);
  const text = JSON.stringify(scenario);
  for (const value of Object.values(secrets)) t.false(text.includes(value), value);
  t.deepEqual(Object.values(secrets).toSorted(), [
    `Basic ${Buffer.from('reader:päss').toString('base64')}`,
    'Basic own',
    'Bearer admin-token',
    'k-123',
    'session=abc',
  ]);
  t.true(text.includes('"Accept":"text/plain"'));
  t.deepEqual(scenarioFaults(scenario), []);
});

test('a reference to the environment stays one; half a reference would be sent as it is, so it is refused', (t) => {
  const { scenario, secrets } = read({ headers: ['Authorization: env:TOKEN'], adminAuth: 'env:ADMIN' });
  t.deepEqual(secrets, {});
  t.like(scenario.collect, { adminHeaders: { Authorization: 'env:ADMIN' } });
  t.deepEqual(read({ headers: ['Authorization: Bearer env:TOKEN'] }).faults, ['--header']);
});

test('a password in the URL is refused by the form of the scenario', (t) => {
  const faults = scenarioFaults(read({ url: 'http://u:secret@127.0.0.1/' }).scenario);
  t.deepEqual(
    faults.map(({ where }) => where),
    ['target'],
  );
  t.false(JSON.stringify(faults).includes('secret'));
});
