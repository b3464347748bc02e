import test from 'ava';
import type { Endpoint, RequestInput } from '../../../model/traffic.ts';
import { type RequestFrame, buildFromEndpoints, buildFromFunction } from './build-request.ts';
import { EndpointNames, otherEndpoints } from './endpoint-names.ts';

const frame: RequestFrame = {
  host: 'shop.test:8080',
  keepAlive: true,
  runHeader: 'X-Plimsoll-Run',
  runId: 'run-1',
  stageHeader: 'X-Plimsoll-Stage',
  stages: 2,
  seed: 1,
  secret: (value) => (value === 'env:TOKEN' ? 'Bearer {{not ours}}' : value),
};

function endpoint(wishes: Partial<Endpoint>): Endpoint {
  const defaults = { name: 'e', weight: 1, method: 'GET', path: '/', headers: {}, body: null };
  return { ...defaults, expect: { statuses: [], body: null }, ...wishes };
}

function textOf(wishes: Partial<Endpoint>, rows: Record<string, string>[] = [], iteration = 0, stage = 0): string {
  const build = buildFromEndpoints([endpoint(wishes)], rows, frame, new EndpointNames());
  return build(iteration, stage).bytes.toString();
}

const fromFunction = (input: RequestInput, names = new EndpointNames()): ReturnType<typeof buildFromFunction> =>
  buildFromFunction(() => input, null, frame, names);

test('a plain request has the host, the run and the stage', (t) => {
  t.is(
    textOf({ path: '/menu?x=1' }, [], 0, 1),
    'GET /menu?x=1 HTTP/1.1\r\nHost: shop.test:8080\r\nX-Plimsoll-Run: run-1\r\nX-Plimsoll-Stage: 1\r\n\r\n',
  );
});

test('the length of a body is that of its bytes, not of its characters', (t) => {
  const text = textOf({ method: 'POST', body: 'Grüße 🐢' });
  t.true(text.includes('Content-Length: 12\r\n\r\nGrüße 🐢'));
  t.is(Buffer.byteLength('Grüße 🐢'), 12);
  t.true(textOf({ method: 'POST' }).includes('Content-Length: 0\r\n\r\n'));
  t.false(textOf({ method: 'DELETE' }).includes('Content-Length'));
});

test('columns are filled from row iteration mod length in path, header and body', (t) => {
  const wishes = { method: 'POST', path: '/u/{{id}}', headers: { 'X-Id': 'n{{ id }}' }, body: '{"id":"{{id}}"}' };
  const text = textOf(wishes, [{ id: 'a' }, { id: 'b' }, { id: 'c' }], 4);
  t.true(text.startsWith('POST /u/b HTTP/1.1\r\n'));
  t.true(text.includes('X-Id: nb\r\n'));
  t.true(text.endsWith('Content-Length: 10\r\n\r\n{"id":"b"}'));
});

test('in the URL a value is one component', (t) => {
  const text = textOf({ path: '/find?q={{v}}&n=1', headers: {} }, [{ v: 'a&b=1#c/ü%' }]);
  t.true(text.startsWith('GET /find?q=a%26b%3D1%23c%2F%C3%BC%25&n=1 HTTP/1.1\r\n'), text);
});

test('a secret is put in as it is', (t) => {
  t.true(textOf({ headers: { Authorization: 'env:TOKEN' } }).includes('Authorization: Bearer {{not ours}}\r\n'));
});

test('headers of the connection and of the framing stay ours, and Host may be given', (t) => {
  const text = textOf({
    headers: { 'content-length': '99', 'Transfer-Encoding': 'chunked', Connection: 'close', host: 'other' },
  });
  t.false(/content-length|chunked|close|shop\.test/i.test(text));
  t.true(text.includes('host: other\r\n'));
});

test('without keep-alive each request says so', (t) => {
  const build = buildFromEndpoints([endpoint({})], [], { ...frame, keepAlive: false }, new EndpointNames());
  t.true(build(0, 0).bytes.toString().includes('Connection: close\r\n'));
});

test('what a request line cannot hold is percent-encoded, all else stays', (t) => {
  t.true(
    textOf({ path: '/café au lait/%20?q=a&b=ü' }).startsWith('GET /caf%C3%A9%20au%20lait/%20?q=a&b=%C3%BC HTTP/1.1'),
  );
});

test('nothing can smuggle in a second request or header', (t) => {
  t.throws(() => textOf({ headers: { 'X-A': 'a\r\nX-B: b' } }), { message: /header "X-A" is malformed/ });
  t.throws(() => textOf({ headers: { 'X A': 'a' } }), { message: /malformed/ });
  t.throws(() => textOf({ method: 'GET / HTTP/1.1\r\n' }), { message: /is not a method/ });
  t.throws(() => textOf({ path: 'http://elsewhere/' }), { message: /does not start with \// });
  t.true(textOf({ path: '/a\r\nb' }).startsWith('GET /a%0D%0Ab HTTP/1.1\r\n'));
  t.throws(() => textOf({ headers: { 'X-A': '{{v}}' } }, [{ v: 'a\nb' }]), { message: /malformed/ });
});

test('all faults of the endpoints are told at once', (t) => {
  const endpoints = [endpoint({ name: 'one', path: 'x' }), endpoint({ name: 'two', path: '/{{id}}' })];
  const error = t.throws(() => buildFromEndpoints(endpoints, [], frame, new EndpointNames()));
  t.regex(error?.message ?? '', /one: path "x".*\n.*two: \{\{id\}\} but there is no data/);
  t.throws(() => textOf({ path: '/{{id}}' }, [{ id: 'a' }, { other: 'b' }]), {
    message: /\{\{id\}\} is missing in the data/,
  });
});

test('endpoints come by weight, the same ones for the same seed', (t) => {
  const endpoints = [endpoint({ name: 'a', weight: 3 }), endpoint({ name: 'b', weight: 1 })];
  const names = new EndpointNames();
  const build = buildFromEndpoints(endpoints, [], frame, names);
  const chosen = Array.from({ length: 4000 }, (_, iteration) => names.nameOf(build(iteration, 0).endpoint));
  const share = chosen.filter((name) => name === 'a').length / chosen.length;
  t.true(share > 0.72 && share < 0.78, `${share}`);
  const again = buildFromEndpoints(endpoints, [], frame, names);
  t.deepEqual(
    chosen,
    Array.from({ length: 4000 }, (_, iteration) => names.nameOf(again(iteration, 0).endpoint)),
  );
  const other = buildFromEndpoints(endpoints, [], { ...frame, seed: 2 }, names);
  t.notDeepEqual(
    chosen,
    Array.from({ length: 4000 }, (_, iteration) => names.nameOf(other(iteration, 0).endpoint)),
  );
});

test('a requests function gets its iteration, a seeded random and what was prepared; defaults are filled', (t) => {
  const names = new EndpointNames();
  const seen: unknown[] = [];
  const build = buildFromFunction(
    (iteration, random, prepared) => {
      seen.push([iteration, random.next(), prepared]);
      return { path: `/p/${iteration}`, headers: { Authorization: 'env:TOKEN' } };
    },
    { token: 't' },
    frame,
    names,
  );
  const first = build(7, 0);
  build(7, 0);
  t.deepEqual(seen[0], seen[1]);
  t.deepEqual(seen[0], [7, ...[seen[0]].flat().slice(1, 2), { token: 't' }]);
  t.is(names.nameOf(first.endpoint), 'GET /p/7');
  t.true(first.bytes.toString().includes('Authorization: Bearer {{not ours}}'));
  t.true(fromFunction({ path: '/', method: 'HEAD' })(0, 0).isHead);
});

test('too many endpoint names are filed together', (t) => {
  const names = new EndpointNames();
  const indices = new Set(Array.from({ length: 5000 }, (_, n) => names.indexOf(`GET /item/${n}`)));
  t.is(indices.size, 512);
  t.is(names.nameOf(names.indexOf('GET /item/4999')), otherEndpoints);
  t.is(names.nameOf(names.indexOf('GET /item/3')), 'GET /item/3');
});
