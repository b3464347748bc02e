import { readFileSync } from 'node:fs';
import test from 'ava';
import * as fc from 'fast-check';
import { objectiveText } from '../model/objective-text.ts';
import { UnitError, mebibytes, milliseconds, percent, perSecond, seconds } from '../model/units.ts';
import { parseObjective } from './parse-objective.ts';

test('each metric is read with its unit', (t) => {
  const all = { endpoint: null, comparison: '<' } as const;
  t.deepEqual(parseObjective('p99<200ms'), {
    ...all,
    kind: 'latency-quantile',
    quantile: 0.99,
    limitMs: milliseconds(200),
  });
  t.deepEqual(parseObjective('p99.9<=1s'), {
    endpoint: null,
    comparison: '<=',
    kind: 'latency-quantile',
    quantile: 0.999,
    limitMs: seconds(1),
  });
  t.deepEqual(parseObjective('errors<0.1%'), { ...all, kind: 'errors', limit: percent(0.1) });
  t.deepEqual(parseObjective('shed < 1%'), { ...all, kind: 'shed', limit: percent(1) });
  t.deepEqual(parseObjective('within(100ms)>=95%'), {
    endpoint: null,
    comparison: '>=',
    kind: 'within',
    durationMs: milliseconds(100),
    limit: percent(95),
  });
  t.deepEqual(parseObjective('throughput>=500/s'), {
    endpoint: null,
    comparison: '>=',
    kind: 'throughput',
    limitPerSecond: perSecond(500),
  });
  t.deepEqual(parseObjective('gc-cpu<10%'), { ...all, kind: 'gc-cpu', limit: percent(10) });
  t.deepEqual(parseObjective('goroutines<15000'), { ...all, kind: 'goroutines', limit: 15_000 });
  t.deepEqual(parseObjective('rss<512MiB'), { ...all, kind: 'rss', limitBytes: mebibytes(512) });
});

test('an endpoint may hold blanks, colons and braces', (t) => {
  t.is(parseObjective('orders:p99<300ms').endpoint, 'orders');
  t.is(parseObjective('GET /groups/{id}:errors<1%').endpoint, 'GET /groups/{id}');
  t.is(parseObjective('v1:orders:p50<5ms').endpoint, 'v1:orders');
});

test('what is no objective is refused with a hint', (t) => {
  for (const text of [
    '',
    'p99',
    'p99<',
    'p99<200',
    'p99=200ms',
    'p100<1s',
    'p0<1s',
    'p99>200ms',
    'errors<5',
    'errors<101%',
    'within>=95%',
    'within()>=95%',
    'within(100ms)<95%',
    'throughput<500/s',
    'goroutines<1.5',
    'rss<512',
    'speed<5ms',
  ]) {
    const error = t.throws(() => parseObjective(text), { instanceOf: UnitError }, text);
    t.not(error?.hint, '', text);
  }
});

const decimal = (most: number): fc.Arbitrary<string> =>
  fc
    .tuple(fc.integer({ min: 1, max: most }), fc.integer({ min: 0, max: 99 }))
    .map(([whole, part]) => `${whole}.${part}`);
const objective = fc
  .tuple(
    fc.constantFrom('', 'orders:', 'GET /menu:'),
    fc.oneof(
      fc.tuple(
        fc.constantFrom('p50', 'p99', 'p99.9', 'p99.99'),
        fc.constantFrom('<', '<='),
        decimal(900).map((n) => `${n}ms`),
      ),
      fc.tuple(
        decimal(900).map((n) => `within(${n}ms)`),
        fc.constantFrom('>', '>='),
        decimal(99).map((n) => `${n}%`),
      ),
      fc.tuple(
        fc.constantFrom('errors', 'shed', 'gc-cpu'),
        fc.constantFrom('<', '<='),
        decimal(99).map((n) => `${n}%`),
      ),
      fc.tuple(
        fc.constant('throughput'),
        fc.constantFrom('>', '>='),
        decimal(90_000).map((n) => `${n}/s`),
      ),
      fc.tuple(fc.constant('goroutines'), fc.constantFrom('<', '<='), fc.integer({ min: 1, max: 1e6 }).map(String)),
      fc.tuple(
        fc.constant('rss'),
        fc.constantFrom('<', '<='),
        fc.integer({ min: 1, max: 4096 }).map((n) => `${n}MiB`),
      ),
    ),
  )
  .map(([endpoint, [metric, comparison, limit]]) => `${endpoint}${metric}${comparison}${limit}`);

test('reading what was printed gives the same objective, and printing is stable', (t) => {
  fc.assert(
    fc.property(objective, (text) => {
      const read = parseObjective(text);
      const printed = objectiveText(read);
      t.deepEqual(parseObjective(printed), read, text);
      t.is(objectiveText(parseObjective(printed)), printed);
    }),
    { seed: 11, numRuns: 1_000 },
  );
});

test('whatever the text, it is read or refused with a hint', (t) => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[a-z0-9.:()%/<>= -]{0,30}$/)), (text) => {
      try {
        parseObjective(text);
      } catch (error) {
        t.true(error instanceof UnitError, String(error));
      }
    }),
    { seed: 12, numRuns: 2_000 },
  );
  t.pass();
});

test('every example of docs/objectives.md can be read', (t) => {
  const page = readFileSync(new URL('../docs/objectives.md', import.meta.url), 'utf8');
  const examples = [...page.matchAll(/`([^`]*[<>]=?\d[^`]*)`/g)].map(([, text = '']) => text);
  t.true(examples.length >= 8, `only ${examples.length} examples found`);
  for (const text of examples) t.notThrows(() => parseObjective(text), text);
});
