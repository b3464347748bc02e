import test from 'ava';
import { engineUnderTest } from '../fixtures/generator-contract/engine-under-test.ts';
import { generatorContract } from '../fixtures/generator-contract/generator-contract.ts';
import { endpoint, generatorJob, holds } from '../fixtures/generator-job.ts';
import { type GeneratorBooks, GeneratorProcess } from '../fixtures/generator-process.ts';
import { buildEngine } from '../runners/generators/k6/build-engine.ts';
import { k6Engine } from '../runners/generators/k6/engine.ts';

/*
 * The k6 engine as a process: what every engine owes, then what is its own. A change of k6's version shows here: its
 * executors, transports and scripts are used in ways it does not promise.
 */

const engine = engineUnderTest(async (say) => k6Engine(await buildEngine(say)), {
  seesIdleCloses: false,
  refusesAtOnce: false,
  latenessWhereDue: false,
  complaints: 1,
});
generatorContract(engine);

test('both engines choose the same endpoints for the same iterations', async (t) => {
  const target = await engine.target();
  const endpoints = [1, 2, 3].map((weight) => endpoint({ path: `/instant?${weight}`, weight }));
  const job = generatorJob({
    url: target.url,
    seed: 12,
    traffic: { kind: 'endpoints', rows: [], endpoints },
    loadProfile: holds('poisson', [300, 1]),
  });
  t.deepEqual(dueByEndpoint(await engine.generator(job).run()), dueByEndpoint(await new GeneratorProcess(job).run()));
});

function dueByEndpoint(books: GeneratorBooks): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { counts } of books.seconds)
    for (const each of counts) sums[each.endpoint] = (sums[each.endpoint] ?? 0) + each.due;
  return sums;
}

test("it says what it is, and k6's own settings change nothing", async (t) => {
  const target = await engine.target();
  const generator = engine.generator(
    generatorJob({ url: target.url, loadProfile: holds('even', [100, 1]), connections: { count: 30 } }),
    {
      environment: {
        K6_VUS: '1',
        K6_ITERATIONS: '3',
        K6_NO_CONNECTION_REUSE: 'true',
        HTTP_PROXY: 'http://127.0.0.1:1',
      },
    },
  );
  const ready = await generator.line('ready');
  t.is(ready.engine.name, 'k6');
  t.is(ready.engine.version, 'v1.8.1');
  t.regex(ready.engine.build ?? '', /^k6-engine [0-9a-f]{16}$/);
  const books = await generator.run();
  t.is(books.due, 100);
  t.is((await target.log()).length, books.due);
  t.is(Math.min(...books.seconds.map(({ health }) => health.connectionsOpen)), 30);
  t.is(Math.max(...books.seconds.map(({ health }) => health.connectsTotal)), 30);
});

test('what cannot begin says why', async (t) => {
  const unreachable = engine.generator(generatorJob({ url: 'http://127.0.0.1:1', loadProfile: holds('even', [1, 1]) }));
  const refused = await unreachable.line('failed');
  t.regex(refused.reason, /^could not open 50 connections to 127\.0\.0\.1:1: .*refused$/);
  t.not(await unreachable.exit, 0);

  const target = await engine.target();
  const unset = engine.generator(
    generatorJob({
      url: target.url,
      traffic: {
        kind: 'endpoints',
        rows: [],
        endpoints: [endpoint({ path: '/instant', headers: { Authorization: 'env:NO_SUCH_VARIABLE' } })],
      },
      loadProfile: holds('even', [1, 1]),
    }),
  );
  t.not(await unset.exit, 0);
  t.regex(unset.stderr, /the environment variable NO_SUCH_VARIABLE is not set/);
});
