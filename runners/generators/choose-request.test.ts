import test from 'ava';
import * as fc from 'fast-check';
import { endpoint } from '../../fixtures/generator-job.ts';
import { seededRandom, streamSeed } from '../../model/random.ts';
import { checkRequest, chooseFromEndpoints, chooseFromFunction } from './choose-request.ts';
import { template } from './template.ts';

const settings = { seed: 7, secret: (value: string): string => (value === 'env:KEY' ? '{{id}}' : value) };

const encode = (value: string): string => `<${value}>`;

const check = (headers: Record<string, string>) => (): void => checkRequest({ method: 'GET', path: '/', headers });

test('a filled template is its text with each {{column}} replaced', (t) => {
  const part = fc.oneof(fc.string(), fc.constantFrom('{{a}}', '{{ b }}', '{{c', '}}', '{{}}', '$&', '%'));
  fc.assert(
    fc.property(fc.array(part), fc.string(), fc.string(), (parts, a, b) => {
      const [text, row] = [parts.join(''), { a, b }];
      const wanted = text.replaceAll(/\{\{\s*([^{}]+?)\s*\}\}/g, (_, column: string) =>
        encode(column === 'a' ? a : column === 'b' ? b : ''),
      );
      t.is(template(text, encode)(row), wanted);
    }),
    { seed: 1 },
  );
});

test('rows fill what is a template, and a secret stays as it is', (t) => {
  const choose = chooseFromEndpoints(
    [endpoint({ path: '/items/{{id}}', headers: { A: '{{id}}', Key: 'env:KEY', Z: 'z' }, body: '{{id}}{{id}}' })],
    [{ id: 'a b' }, { id: '2' }],
    settings,
  );
  const { path, headers, body } = choose(4);
  t.deepEqual(
    [path, Object.entries(headers), body],
    [
      '/items/a%20b',
      [
        ['A', 'a b'],
        ['Key', '{{id}}'],
        ['Z', 'z'],
      ],
      'a ba b',
    ],
  );
  t.is(choose(5).path, '/items/2');
});

test('a function gets the random numbers of its iteration, however many it took in others', (t) => {
  const choose = chooseFromFunction(
    (iteration, random) => {
      for (let taken = 0; taken < iteration % 5; taken++) random.next();
      return { path: `/${random.next()}` };
    },
    null,
    settings,
  );
  for (const iteration of [3, 0, 3, 12, 1]) {
    const random = seededRandom(streamSeed(settings.seed, iteration));
    for (let taken = 0; taken < iteration % 5; taken++) random.next();
    t.is(choose(iteration).path, `/${random.next()}`);
  }
});

test('the header that cannot be is named, wherever it stands', (t) => {
  t.notThrows(check({}));
  t.notThrows(check({ A: '', B: 'ü\t' }));
  t.throws(check({ A: '', B: 'x\r\nC: d', D: '' }), { message: 'header "B" is malformed' });
  t.throws(check({ A: '', 'B C': '' }), { message: 'header "B C" is malformed' });
  t.throws(check({ A: '\u0000' }), { message: 'header "A" is malformed' });
});
