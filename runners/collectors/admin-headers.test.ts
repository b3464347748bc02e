import test from 'ava';
import { resolveAdminHeaders } from './admin-headers.ts';

const environment = { TOKEN: 'from-environment', LOGIN: 'user:pass', ENCODED: 'dXNlcjpwYXNz', EMPTY: '' };

test('references become values, with the scheme they stand behind', (t) => {
  const headers = {
    'X-Token': 'env:TOKEN',
    Authorization: 'Bearer env:TOKEN',
    'Proxy-Authorization': 'Basic env:LOGIN',
    'X-Encoded': 'Basic env:ENCODED',
    'X-Plain': 'as it is',
  };
  t.deepEqual(resolveAdminHeaders({ headers, secrets: {} }, environment), {
    status: 'resolved',
    headers: {
      'X-Token': 'from-environment',
      Authorization: 'Bearer from-environment',
      'Proxy-Authorization': 'Basic dXNlcjpwYXNz',
      'X-Encoded': 'Basic dXNlcjpwYXNz',
      'X-Plain': 'as it is',
    },
  });
});

test('a secret given for this run wins over the environment', (t) => {
  t.deepEqual(resolveAdminHeaders({ headers: { A: 'env:TOKEN' }, secrets: { TOKEN: 'given' } }, environment), {
    status: 'resolved',
    headers: { A: 'given' },
  });
});

test('every variable that is not set is named at once', (t) => {
  t.deepEqual(
    resolveAdminHeaders({ headers: { A: 'env:NOPE', B: 'env:EMPTY', C: 'env:TOKEN' }, secrets: {} }, environment),
    {
      status: 'missing',
      reason:
        'header A needs the environment variable NOPE; header B needs the environment variable EMPTY, which is not set',
    },
  );
});
