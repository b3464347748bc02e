import test from 'ava';
import { toYaml } from './to-yaml.ts';

test('block style, quoted where it could be something else', (t) => {
  const yaml = toYaml({
    kind: 'A',
    apiVersion: 'apps/v1',
    number: 3,
    text: '500',
    yes: 'yes',
    none: null,
    query: 'sum(rate(a{b="c"}[2m])) # d',
    empty: '',
    list: [{ a: 1, b: { c: 'd' } }, 'plain', []],
    nothing: {},
  });
  t.deepEqual(yaml.split('\n'), [
    'kind: A',
    'apiVersion: apps/v1',
    'number: 3',
    'text: "500"',
    '"yes": "yes"',
    'none: null',
    'query: "sum(rate(a{b=\\"c\\"}[2m])) # d"',
    'empty: ""',
    'list:',
    '  - a: 1',
    '    b:',
    '      c: d',
    '  - plain',
    '  - []',
    'nothing: {}',
    '',
  ]);
});
