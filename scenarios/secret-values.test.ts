import test from 'ava';
import type { Scenario } from '../model/scenario.ts';
import { SecretValues } from './secret-values.ts';

const scenario: Scenario = {
  name: 'login',
  target: 'http://127.0.0.1:1',
  traffic: {
    endpoints: [
      { path: '/a', headers: { authorization: 'Bearer abcdefgh', Accept: 'text/plain' } },
      { path: '/b', headers: { Cookie: 'env:SESSION' } },
      { path: '/c' },
    ],
  },
  load: { stages: [{ hold: 1, for: '1s' }] },
  collect: { metrics: '/metrics', adminHeaders: { 'X-Api-Key': 'ijklmnop' } },
};

test('no secret of a scenario is left in it, references and other headers stay', (t) => {
  const secrets = new SecretValues();
  const hidden = secrets.scenario(scenario);
  t.deepEqual(secrets.values, { PLIMSOLL_SECRET_1: 'Bearer abcdefgh', PLIMSOLL_SECRET_2: 'ijklmnop' });
  t.deepEqual(hidden, {
    ...scenario,
    traffic: {
      endpoints: [
        { path: '/a', headers: { authorization: 'env:PLIMSOLL_SECRET_1', Accept: 'text/plain' } },
        { path: '/b', headers: { Cookie: 'env:SESSION' } },
        { path: '/c' },
      ],
    },
    collect: { metrics: '/metrics', adminHeaders: { 'X-Api-Key': 'env:PLIMSOLL_SECRET_2' } },
  });
  t.notRegex(JSON.stringify(hidden), /abcdefgh|ijklmnop/);
});

test('a traffic of a function has nothing to hide here', (t) => {
  const secrets = new SecretValues();
  const functional: Scenario = { ...scenario, traffic: { requests: () => ({ path: '/' }) } };
  t.is(secrets.scenario(functional).traffic, functional.traffic);
});
