import test from 'ava';
import { assert, property, string } from 'fast-check';
import { buildRunRecord } from '../../fixtures/records/build-run-record.ts';
import type { Plan } from '../../model/plan.ts';
import { redactor, secretsOfPlan, withoutSecrets, withoutUrlCredentials } from './secrets.ts';

const { plan } = buildRunRecord({ stages: [{ rate: 1, seconds: 1 }] });

const withHeaders = (headers: Record<string, string>): Plan => ({
  ...plan,
  traffic: {
    kind: 'endpoints',
    endpoints: [
      { name: 'GET /', weight: 1, method: 'GET', path: '/', headers, body: null, expect: { statuses: [], body: null } },
    ],
    rows: [],
  },
});

test('references anywhere in the plan are found, short values are not secrets', (t) => {
  const environment = { TOKEN: 'geheim-1', PORT: '8080', PASSWORD: 'a much longer one' };
  const used = withHeaders({ Authorization: 'env:TOKEN', 'X-Port': 'env:PORT', 'X-Other': 'not env:PASSWORD' });
  const planned = { ...used, collect: { ...used.collect, adminHeaders: { Authorization: 'env:PASSWORD' } } };
  t.deepEqual(secretsOfPlan(planned, environment), [
    { name: 'PASSWORD', value: 'a much longer one' },
    { name: 'TOKEN', value: 'geheim-1' },
  ]);
});

test('a key of several lines is hidden line by line', (t) => {
  const key = '-----BEGIN-----\nc2VjcmV0\n-----END-----\n';
  const redact = redactor(secretsOfPlan(withHeaders({ Authorization: 'env:KEY' }), { KEY: key }));
  t.is(redact('read c2VjcmV0'), 'read [env:KEY]');
  t.is(redact(JSON.stringify({ key })), '{"key":"[env:KEY]"}');
});

test('no secret is left in a text, nor in JSON that holds it', (t) => {
  assert(
    property(string({ minLength: 6 }), string(), string(), (value, before, afterwards) => {
      const redact = redactor([{ name: 'A', value }]);
      const plain = redact(before + value + afterwards);
      const json = redact(JSON.stringify({ text: before + value + afterwards }));
      // The name shown in its place may itself complete the value with what stands around it; nothing else may.
      if ('[env:A]'.includes(value[0] ?? '') || '[env:A]'.includes(value.at(-1) ?? '')) return;
      t.false(plain.includes(value));
      t.false(json.includes(JSON.stringify(value).slice(1, -1)));
    }),
    { seed: 4 },
  );
});

test('headers that authenticate and credentials in URLs are not written down, references are', (t) => {
  const headers = {
    authorization: 'Bearer x',
    COOKIE: 'a=b',
    'X-Api-Key': 'k',
    Accept: '*/*',
    Authorization: 'env:TOKEN',
  };
  const { traffic } = withoutSecrets(withHeaders(headers));
  t.deepEqual(traffic.kind === 'endpoints' ? traffic.endpoints[0]?.headers : null, {
    authorization: '[not recorded]',
    COOKIE: '[not recorded]',
    'X-Api-Key': '[not recorded]',
    Accept: '*/*',
    Authorization: 'env:TOKEN',
  });
  t.is(
    withoutUrlCredentials('see postgres://me:pw@db:5432/x and http://ok/a@b'),
    'see postgres://db:5432/x and http://ok/a@b',
  );
  t.deepEqual(withoutSecrets(plan), plan);
});
