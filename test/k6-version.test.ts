import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { ArrivalLog } from '../fixtures/arrival-log.ts';
import { buildTestProgram } from '../fixtures/build-test-program.ts';
import { generatorJob, holds } from '../fixtures/generator-job.ts';
import { type GeneratorBooks, GeneratorProcess, booksOf } from '../fixtures/generator-process.ts';
import type { Traffic } from '../model/traffic.ts';
import { seconds } from '../model/units.ts';
import { buildEngine } from '../runners/generators/k6/build-engine.ts';
import { k6Engine } from '../runners/generators/k6/engine.ts';
import type { LoadGenerator } from '../runners/generators/port.ts';

/*
 * The gate that a new release of k6 has to pass: what the engine takes from k6 without a promise. Change the version here
 * only when all of this file, test/k6-generator.test.ts, test/k6-stock.test.ts and `go test ./...` in the engine's folder
 * are green with it, and docs/engines.md and engine/README.md still say the truth.
 */
const pinned = 'v1.8.1';

let binary: string;
let engine: LoadGenerator;

test.before(async (t) => {
  t.timeout(seconds(600));
  binary = await buildTestProgram('arrival-log');
  engine = k6Engine(await buildEngine((message) => t.log(message)));
});

/** One of its own for each test: they run at the same time. */
async function startTarget(t: ExecutionContext): Promise<ArrivalLog> {
  const target = await ArrivalLog.start({ binary });
  t.teardown(() => target.stop());
  return target;
}

const ended = ({ outcomes }: GeneratorBooks): number => Object.values(outcomes).reduce((sum, count) => sum + count, 0);

test('the release is the one that this gate was passed with', async (t) => {
  const module = readFileSync(new URL('../runners/generators/k6/engine/go.mod', import.meta.url), 'utf8');
  t.is(/go\.k6\.io\/k6(?:\/v\d+)? (v\S+)/.exec(module)?.[1], pinned);
  const target = await startTarget(t);
  const running = new GeneratorProcess(generatorJob({ url: target.url, loadProfile: holds('even', [1, 1]) }), {
    engine,
  });
  t.is((await running.line('ready')).engine.version, pinned);
  running.send({ kind: 'stop', reason: 'test' });
  t.is(await running.exit, 0);
});

test('books balance where requests wait, are dropped and are cut; each stage has its own at the target', async (t) => {
  const target = await startTarget(t);
  const job = generatorJob({
    url: target.url,
    path: '/sleep?ms=100',
    loadProfile: holds('even', [20, 1], [200, 1]),
    connections: { count: 5, queueLimit: 50 },
  });
  const books = await new GeneratorProcess(job, { engine }).run();
  t.is(books.due, 220);
  t.is(ended(books), 220);
  t.true(books.outcomes.dropped > 0 && books.outcomes.done > 50);
  const arrived = await target.log();
  t.deepEqual(
    [0, 1].map((stage) => books.byStage.get(stage)?.sent),
    [0, 1].map((stage) => arrived.filter((request) => request.stage === stage).length),
  );
  const cut = await new GeneratorProcess({ ...job, plan: { ...job.plan, graceMs: 50 } }, { engine }).run();
  t.is(ended(cut), 220);
  t.true(cut.outcomes['in-flight'] > 0);
});

const dueOf = async ({ url }: ArrivalLog, seed: number): Promise<number[]> => {
  const job = generatorJob({ url, seed, loadProfile: holds('poisson', [150, 2]) });
  const books = await new GeneratorProcess(job, { engine }).run();
  const bySecond = new Map<number, number>();
  for (const { counts } of books.seconds)
    for (const { second, due } of counts) bySecond.set(second, (bySecond.get(second) ?? 0) + due);
  return [...bySecond].toSorted(([a], [b]) => a - b).map(([, due]) => due);
};

test('a seed gives the same due times again, another seed others', async (t) => {
  const target = await startTarget(t);
  const [first, again, other] = await Promise.all([5, 5, 6].map((seed) => dueOf(target, seed)));
  t.deepEqual(again, first);
  t.notDeepEqual(other, first);
});

test("a script that aborts the test ends it with k6's exit code for that, and loses nothing", async (t) => {
  const target = await startTarget(t);
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-abort-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const requestsFile = join(folder, 'requests.mjs');
  writeFileSync(
    requestsFile,
    `import exec from 'k6/execution';
     export const requests = (n) => {
       if (n === 170) exec.test.abort('enough is enough');
       return { name: 'sleep', path: '/sleep?ms=50' };
     };`,
  );
  const traffic: Traffic = { kind: 'module', file: 'requests.mjs', hash: '', endpoints: ['sleep'], hasPrepare: false };
  const job = generatorJob({ url: target.url, traffic, requestsFile, loadProfile: holds('even', [100, 30]) });
  const running = new GeneratorProcess(job, { engine });
  await running.line('ready');
  running.send({ kind: 'start' });
  const failed = await running.line('failed');
  t.regex(failed.reason, /enough is enough/);
  t.is(await running.exit, 108);
  const books = booksOf(running.lines);
  t.true(books.due >= 171 && books.due < 3000, `${books.due}`);
  t.is(ended(books), books.due);
  t.is(books.outcomes.done, books.sent);
  t.is((await target.log()).length, books.sent);
});

test('before the load it has rehearsed on a server of its own; the target got nothing of that', async (t) => {
  const target = await startTarget(t);
  const job = generatorJob({ url: target.url, loadProfile: holds('even', [100, 1]), connections: { count: 20 } });
  const running = new GeneratorProcess(job, { engine });
  const { selfTest } = await running.line('ready');
  t.true((selfTest['warmUpRequests'] ?? 0) > 100);
  t.true((selfTest['warmUpLatenessP99Ms'] ?? 0) > 0);
  t.deepEqual(await target.log(), []);
  const books = await running.run();
  t.is((await target.log()).length, 100);
  t.is(Math.max(...books.seconds.map(({ health }) => health.connectsTotal)), 20);
});
