import { createServer } from 'node:net';
import test from 'ava';
import { engineUnderTest } from '../fixtures/generator-contract/engine-under-test.ts';
import { generatorContract } from '../fixtures/generator-contract/generator-contract.ts';
import { endpoint, generatorJob, holds } from '../fixtures/generator-job.ts';
import { autocannonEngine } from '../runners/generators/autocannon/engine.ts';

/* The autocannon engine as a process: what every engine owes, then what it says before it begins. */

const engine = engineUnderTest(() => Promise.resolve(autocannonEngine), {
  seesIdleCloses: true,
  refusesAtOnce: true,
  latenessWhereDue: true,
  complaints: 2,
});
generatorContract(engine);

test('it says what it is and that it warmed itself up', async (t) => {
  const target = await engine.target();
  const generator = engine.generator(generatorJob({ url: target.url, loadProfile: holds('even', [100, 1]) }));
  const ready = await generator.line('ready');
  t.is(ready.engine.version, '9.0.0');
  t.true((ready.selfTest['warmUpRequests'] ?? 0) > 1000);
  generator.send({ kind: 'stop', reason: 'test' });
  t.is(await generator.exit, 0);
});

const refusals: readonly (readonly [what: string, job: unknown, reason: RegExp])[] = [
  ['no JSON', 'not json', /job file can't be read/],
  ['a job of another shape', { protocol: 99, plan: {} }, /protocol: .*; runId: .*plan\.seed/],
  [
    'https',
    generatorJob({ url: 'https://127.0.0.1:1', loadProfile: holds('even', [1, 1]) }),
    /never verifies certificates/,
  ],
  [
    'a host nobody knows',
    generatorJob({ url: 'http://nowhere.invalid', loadProfile: holds('even', [1, 1]) }),
    /host nowhere\.invalid/,
  ],
  [
    'a variable that is not set',
    generatorJob({
      url: 'http://127.0.0.1:1',
      traffic: {
        kind: 'endpoints',
        endpoints: [endpoint({ path: '/', headers: { Authorization: 'env:PLIMSOLL_NOT_SET' } })],
        rows: [],
      },
      loadProfile: holds('even', [1, 1]),
    }),
    /PLIMSOLL_NOT_SET is not set/,
  ],
];
for (const [what, job, reason] of refusals)
  test(`${what} is one failed line, exit 1, no stack trace`, async (t) => {
    const generator = engine.generator(job);
    const failed = await generator.line('failed');
    t.regex(failed.reason, reason);
    t.true(failed.hint.length > 10);
    t.is(await generator.exit, 1);
    t.is(generator.stderr, '');
    t.is(generator.lines.length, 1);
  });

test('a refusing address is told before anything is measured', async (t) => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  const port = address !== null && typeof address !== 'string' ? address.port : 1;
  const generator = engine.generator(
    generatorJob({ url: `http://127.0.0.1:${port}`, loadProfile: holds('even', [1, 1]) }),
  );
  t.regex((await generator.line('failed')).reason, /no connection to .*ECONNREFUSED/);
  t.is(await generator.exit, 1);
});
