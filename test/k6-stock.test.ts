import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { z } from 'zod';
import { engineForPlan } from '../cli/engine-for-plan.ts';
import { ArrivalLog } from '../fixtures/arrival-log.ts';
import { buildTestProgram } from '../fixtures/build-test-program.ts';
import { endpoint, generatorJob, holds } from '../fixtures/generator-job.ts';
import { type GeneratorBooks, GeneratorProcess, booksOf } from '../fixtures/generator-process.ts';
import { startPlimsoll } from '../fixtures/run-program.ts';
import { buildStockK6 } from '../fixtures/stock-k6.ts';
import type { LoadProfile } from '../model/load-profile.ts';
import type { Plan } from '../model/plan.ts';
import { milliseconds, seconds } from '../model/units.ts';
import { givenEngine } from '../runners/generators/k6/given-engine.ts';
import { stockFaults } from '../runners/generators/k6/stock/stock-engine.ts';
import type { LoadGenerator } from '../runners/generators/port.ts';

/*
 * A k6 without our additions: it gives less, and says what it does not know.
 */

let stock: Awaited<ReturnType<typeof buildStockK6>>;
let binary: string;
let engine: LoadGenerator;

test.before(async (t) => {
  t.timeout(seconds(600));
  stock = await buildStockK6();
  binary = await buildTestProgram('arrival-log');
  const given = await givenEngine(stock.file);
  t.true(given.isStock);
  ({ engine } = given);
});
test.after.always(() => stock.remove());

async function startTarget(t: ExecutionContext): Promise<ArrivalLog> {
  const target = await ArrivalLog.start({ binary });
  t.teardown(() => target.stop());
  return target;
}

const ended = ({ outcomes }: GeneratorBooks): number => Object.values(outcomes).reduce((sum, count) => sum + count, 0);

// One after the other: stock k6 issues fewer requests where it gets no processor. What follows them runs at once.
test.serial(
  'its books balance stage by stage, the target saw every request, and what it cannot know is null',
  async (t) => {
    const target = await startTarget(t);
    const job = generatorJob({
      url: target.url,
      loadProfile: holds('even', [100, 2], [300.5, 2]),
      connections: { count: 100 },
      traffic: {
        kind: 'endpoints',
        rows: [],
        endpoints: [
          endpoint({ path: '/sleep?ms=5' }),
          endpoint({ path: '/status?code=503' }),
          endpoint({ path: '/status?code=404' }),
          // Not /reset: stock k6 sends such a request again.
          endpoint({ path: '/truncated' }),
        ],
      },
    });
    const running = new GeneratorProcess(job, { engine, environment: { K6_VUS: '1', K6_ITERATIONS: '3' } });
    const ready = await running.line('ready');
    t.is(ready.engine.version, 'v1.8.1');
    t.is(ready.engine.build, 'stock, without k6/x/plimsoll and plimsoll [output]');
    const books = await running.run();
    t.is(ended(books), books.due);
    const arrived = await target.log();
    t.is(arrived.length, books.sent);
    for (const [stage, asked] of [200, 601].entries()) {
      const { due, sent } = books.byStage.get(stage) ?? { due: 0, sent: 0 };
      // k6 issues as many as the rate says or one more, and fewer where it was late.
      t.true(due >= 0.8 * asked && due <= asked + 1, `${due} of ${asked}`);
      t.is(arrived.filter((request) => request.stage === stage).length, sent);
    }
    t.is(books.failures['unexpected-status'], books.outcomes.failed - (books.failures['truncated-body'] ?? 0));
    t.true((books.failures['truncated-body'] ?? 0) > 50);
    t.true(books.outcomes.shed > 50);
    t.is(books.serviceTime.count, books.outcomes.done);
    t.true((books.serviceTime.quantile(0.5) ?? 0) >= 5);
    t.is(books.responseTime.count, 0);
    t.true(books.seconds.every(({ health }) => health.lateness === null));
    t.true(books.cpuMs > 0 && books.seconds.every(({ health }) => health.rssBytes > 0));
    t.is(running.stderr, '', 'failures of the target are no messages');
  },
);

test.serial('where all its users wait for answers the others are dropped, and no connection was idle', async (t) => {
  const target = await startTarget(t);
  const job = generatorJob({
    url: target.url,
    path: '/sleep?ms=200',
    loadProfile: holds('even', [100, 3]),
    connections: { count: 5 },
  });
  const books = await new GeneratorProcess(job, { engine }).run();
  t.is(ended(books), books.due);
  t.true(books.outcomes.dropped > 150, `${books.outcomes.dropped}`);
  t.is((await target.log()).length, books.sent);
  const dropping = new Set(
    books.seconds.flatMap(({ cells }) =>
      cells.flatMap(({ outcome, second }) => (outcome === 'dropped' ? [second] : [])),
    ),
  );
  const whole = books.seconds.filter(({ second }) => dropping.has(second) && second > 0);
  t.true(whole.length > 0);
  for (const { health } of whole) t.is(health.inFlightMax, health.connectionsOpen);
});

test('a stop cuts what is under way, and counts it as in flight', async (t) => {
  const target = await startTarget(t);
  const job = generatorJob({ url: target.url, path: '/sleep?ms=300', loadProfile: holds('even', [100, 60]) });
  const running = new GeneratorProcess(job, { engine });
  await running.line('ready');
  running.send({ kind: 'start' });
  await running.until('nothing done', ({ outcomes }) => outcomes.done > 20);
  running.send({ kind: 'stop', reason: 'test' });
  t.is((await running.line('finished')).reason, 'stopped');
  t.is(await running.exit, 0);
  const books = booksOf(running.lines);
  t.true(books.due < 6000);
  t.is(ended(books), books.due);
  t.true(books.outcomes['in-flight'] > 0);
});

test('before the start the target gets nothing, and a stop ends it', async (t) => {
  const target = await startTarget(t);
  const running = new GeneratorProcess(generatorJob({ url: target.url, loadProfile: holds('even', [50, 1]) }), {
    engine,
  });
  await running.line('ready');
  running.send({ kind: 'stop', reason: 'test' });
  t.is((await running.line('finished')).reason, 'stopped');
  t.is(await running.exit, 0);
  t.deepEqual(await target.log(), []);
});

test('a k6 that cannot run the script is told of with its words', async (t) => {
  const target = await startTarget(t);
  const job = generatorJob({
    url: target.url,
    loadProfile: holds('even', [10, 1]),
    traffic: {
      kind: 'endpoints',
      rows: [],
      endpoints: [endpoint({ path: '/instant', headers: { Authorization: 'env:NO_SUCH_VARIABLE' } })],
    },
  });
  const running = new GeneratorProcess(job, { engine });
  t.regex((await running.line('failed')).reason, /the environment variable NO_SUCH_VARIABLE is not set/);
  t.is(await running.exit, 1);
});

const planOf = (loadProfile: LoadProfile): Plan => generatorJob({ url: 'http://127.0.0.1', loadProfile }).plan;

test('loads that it has no executor for are refused with the reason', (t) => {
  t.deepEqual(stockFaults(planOf(holds('even', [1, 1]))), []);
  t.regex(stockFaults(planOf(holds('poisson', [1, 1]))).join(), /Poisson/);
  t.is(stockFaults(planOf({ kind: 'closed', thinkTimeMs: milliseconds(0), stages: [] })).length, 1);
});

test('without Go the k6 on the PATH is taken', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-path-'));
  t.teardown(() => rm(folder, { recursive: true }));
  await symlink(stock.file, join(folder, 'k6'));
  const said: string[] = [];
  const world = {
    say: (message: string) => void said.push(message),
    interrupted: new AbortController().signal,
    environment: { PATH: folder },
  };
  const plan = { ...planOf(holds('even', [1, 1])), engine: { name: 'k6', reason: 'test' } } as const;
  t.is((await engineForPlan(plan, null, world)).name, 'k6');
  t.regex(said.join(), /no Go to build k6 with; taking .*k6 is a k6 without/);
  const poisson = { ...plan, loadProfile: holds('poisson', [1, 1]) };
  await t.throwsAsync(engineForPlan(poisson, null, world), { message: /cannot drive this load.*Poisson/ });
});

test('from the command line the report says what was not to be known', async (t) => {
  t.timeout(seconds(120));
  const target = await startTarget(t);
  const runs = await mkdtemp(join(tmpdir(), 'plimsoll-test-'));
  t.teardown(() => rm(runs, { recursive: true }));
  const args = ['run', `${target.url}/sleep?ms=5`, '--engine', 'k6', '--k6-binary', stock.file];
  const load = ['--rate', '50', '--hold', '3s', '--warm-up', '1s', '--objective', 'p99<50ms', '--json'];
  const ran = await startPlimsoll([...args, ...load, '--runs', runs]).ended;
  const document = z.object({
    warnings: z.array(z.object({ code: z.string(), message: z.string() })),
    verdict: z.object({ status: z.string() }),
  });
  const { warnings, verdict } = document.parse(JSON.parse(ran.out));
  const codes = warnings.map(({ code }) => code);
  t.true(codes.includes('lateness-unknown') && codes.includes('requests-untimed'), codes.join());
  t.regex(warnings.find(({ code }) => code === 'lateness-unknown')?.message ?? '', /k6 v1\.8\.1, stock, without/);
  t.is(verdict.status, 'inconclusive');
  t.regex(ran.err, /without plimsoll's additions/);
});
