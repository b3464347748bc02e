import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { z } from 'zod';
import { type RunDescription, buildRunRecord } from '../../fixtures/records/build-run-record.ts';
import { sampleRun } from '../../fixtures/records/sample-run.ts';
import type { TimesDescription } from '../../fixtures/records/target-text.ts';
import type { EndedProgram } from '../../fixtures/run-program.ts';
import { saveRun } from '../../runners/store/save-run.ts';
import { CommandLines } from '../command-lines.ts';

const program = new CommandLines();
test.after.always(() => program.end());
const size = (...args: readonly string[]): Promise<EndedProgram> => program.run(['size', ...args]);

const nullable = z.number().nullable();
const row = z.object({
  utilization: z.number(),
  probabilityWait: nullable,
  meanWaitMs: nullable,
  waitQuantilesMs: z.record(z.string(), nullable),
  probabilityOverObjective: nullable,
});
const recommended = z.object({ low: z.number(), high: nullable, method: z.string(), meetsObjective: z.boolean() });
const common = z.object({
  discipline: z.enum(['random', 'fifo']),
  method: z.string(),
  warnings: z.array(z.object({ code: z.string(), message: z.string() })),
});
const poolDocument = common.extend({
  schema: z.literal('plimsoll/size-pool/1'),
  recommended: recommended.extend({ connections: z.number() }).nullable(),
  table: z.array(row.extend({ connections: z.number() })),
  bounds: z.object({ database: nullable, connections: nullable, deadlock: nullable }),
  arithmetic: z.array(z.string()),
  settings: z.array(z.string()),
  idle: z
    .object({ maxIdle: z.number(), acquireTimeout: z.object({ expectedShare: nullable }), churn: z.null() })
    .nullable(),
});
const workersDocument = common.extend({
  schema: z.literal('plimsoll/size-workers/1'),
  recommended: recommended.extend({ workers: z.number(), lineLength: z.number() }).nullable(),
  table: z.array(row.extend({ workers: z.number() })),
  bounds: z.object({ cpu: nullable }),
});

const load = ['--arrival-rate', '500/s', '--hold-time', '10ms', '--wait-objective', 'p99<5ms'];

async function pool(t: ExecutionContext, ...args: readonly string[]): Promise<z.infer<typeof poolDocument>> {
  const { code, out, err } = await size('pool', ...load, ...args, '--json');
  t.is(code, 0, err);
  return poolDocument.parse(JSON.parse(out));
}

test('size pool: the documents', async (t) => {
  const [plain, pgxpool, scattered, perQuery, cut, deadlock] = await Promise.all([
    pool(t),
    pool(t, '--driver', 'pgxpool'),
    pool(t, '--hold-cv', '3', '--driver', 'pgxpool'),
    pool(t, '--queries-per-request', '1.2'),
    pool(t, '--database-servers', '8'),
    pool(t, '--requests-at-once', '8', '--connections-per-request', '3'),
  ]);
  t.deepEqual(
    [plain, pgxpool, scattered, perQuery].map((each) => [each.recommended?.connections, each.discipline]),
    [
      [10, 'random'],
      [10, 'fifo'],
      [10, 'fifo'],
      [11, 'random'],
    ],
  );
  const over = (document: typeof plain, connections: number): number | null | undefined =>
    document.table.find((each) => each.connections === connections)?.probabilityOverObjective;
  t.true(Math.abs((over(plain, 9) ?? 0) - 0.01103) < 0.0001);
  t.true(Math.abs((over(pgxpool, 9) ?? 0) - 0.0109) < 0.0001);
  t.true(Math.abs((over(scattered, 9) ?? 0) - 0.0265) < 0.003);
  t.regex(plain.method, /exponential/);
  t.regex(scattered.method, /simulated.*lognormal \(cv 3\)/);
  t.deepEqual(
    [plain.recommended?.low, plain.recommended?.high, plain.bounds],
    [10, 10, { database: null, connections: null, deadlock: null }],
  );
  t.deepEqual([cut.recommended?.connections, cut.recommended?.meetsObjective, cut.bounds.database], [8, false, 8]);
  t.deepEqual(
    cut.warnings.map(({ code }) => code),
    ['cut-to-bound', 'objective-missed'],
  );
  t.deepEqual([deadlock.recommended?.connections, deadlock.bounds.deadlock], [17, 17]);
  t.is(plain.idle?.maxIdle, 10);
  t.is(plain.idle?.acquireTimeout.expectedShare, over(plain, 10));
  t.true(plain.settings.includes('db.SetConnMaxIdleTime(5 * time.Minute)'), plain.settings.join('\n'));
});

test("size pool: each instance's part of the database's connections, line by line", async (t) => {
  const four = ['--other-clients', '5', '--replicas', '4', '--max-connections'];
  const [roomy, tight, none, alone] = await Promise.all([
    pool(t, ...four, '100'),
    pool(t, ...four, '40'),
    size('pool', ...load, ...four, '30', '--json'),
    size('pool', ...load, '--replicas', '4'),
  ]);
  t.deepEqual([roomy.recommended?.connections, roomy.bounds.connections, roomy.warnings], [10, 18, []]);
  t.deepEqual(roomy.arithmetic, [
    'free connections = 100 − 3 − 5 = 92',
    'instances = 4 + 1 = 5',
    'largest pool = ⌊92 / 5⌋ = 18 per instance',
    'connections of this service = 10 · 5 = 50 ≤ 92',
  ]);
  t.deepEqual([tight.recommended?.connections, tight.bounds.connections], [6, 6]);
  t.regex(tight.warnings[0]?.message ?? '', /needs 10 connections, the database has 6 for each instance: cut to 6/);
  t.is(none.code, 4, none.err);
  t.regex(none.out, /"connections-exhausted"/);
  t.is(alone.code, 2);
  t.regex(alone.err, /--replicas: says nothing without/);
});

test('size pool: a saturated database is refused, for programs and for people', async (t) => {
  const { code, out } = await size('pool', ...load, '--database-servers', '5', '--json');
  t.is(code, 4);
  const document = poolDocument.parse(JSON.parse(out));
  t.is(document.recommended, null);
  t.deepEqual(document.table, []);
  t.regex(document.warnings[0]?.message ?? '', /database is saturated/);
  const text = await size('pool', ...load, '--database-servers', '5');
  t.is(text.code, 4);
  t.regex(text.out, /no size can be recommended/);
  t.regex(text.out, /the database is saturated, and no pool helps/);
});

test('size pool: from a run', async (t) => {
  const runs = await mkdtemp(join(tmpdir(), 'plimsoll-test-'));
  t.teardown(() => rm(runs, { recursive: true, force: true }));
  await saveRun(buildRunRecord(sampleRun), runs, () => null);
  const measured = ['pool', '--run', 'last', '--runs', runs, '--wait-objective', 'p99<5ms', '--json'];
  const [known, beyond, missing] = await Promise.all([
    size(...measured, '--arrival-rate', '300/s', '--queries-per-request', '1'),
    size(...measured, '--arrival-rate', '5000/s', '--queries-per-request', '1'),
    size(...measured, '--arrival-rate', '300/s'),
  ]);
  t.is(known.code, 0, known.err);
  const document = poolDocument
    .extend({ holdTimeMs: z.number(), measured: z.object({ pool: z.string(), stages: z.array(z.unknown()) }) })
    .parse(JSON.parse(known.out));
  t.is(document.measured.pool, 'orders');
  // Planted: 10 ms at 200/s, 12.5 ms at 400/s.
  t.true(Math.abs(document.holdTimeMs / 11.25 - 1) < 0.05, String(document.holdTimeMs));
  t.true((document.recommended?.low ?? Infinity) <= (document.recommended?.connections ?? 0));
  t.is(beyond.code, 4, beyond.err);
  t.regex(beyond.out, /beyond-measured-range/);
  t.is(missing.code, 2);
  t.regex(missing.err, /--queries-per-request: is missing: database\/sql does not count acquisitions/);
});

/** A pool of twelve on a database that executes eight statements of 10 ms at once; idle connections are closed. */
const saturating = (name: string, rates: readonly number[]): RunDescription => ({
  name,
  stages: rates.map((rate) => {
    const through = Math.min(rate, 800);
    const inUse = rate < 800 ? rate / 100 : 12;
    return {
      name: `${rate}/s`,
      rate,
      seconds: 8,
      settling: 2,
      latencyMs: () => 20,
      failures: { timeout: 1 - through / rate },
      target: { pool: { maxOpen: 12, inUse, waitsPerSecond: 0, waitMsPerRequest: 0 } },
    };
  }),
});

test('size pool: stages of several runs tell whether hold times grow, and how many statements run at once', async (t) => {
  const runs = await mkdtemp(join(tmpdir(), 'plimsoll-test-'));
  t.teardown(() => rm(runs, { recursive: true, force: true }));
  const low = await saveRun(buildRunRecord(saturating('low', [100, 200, 400])), runs, () => null);
  const high = await saveRun(buildRunRecord(saturating('high', [600, 700, 1000])), runs, () => null);
  const asked = ['pool', '--arrival-rate', '500/s', '--queries-per-request', '1', '--wait-objective', 'p99<5ms'];
  const { code, out, err } = await size(...asked, '--run', low, '--run', high, '--runs', runs, '--json');
  t.is(code, 0, err);
  const figure = z.object({ estimate: z.number(), low: nullable, high: nullable }).nullable();
  const document = z
    .object({
      measured: z.object({ runs: z.array(z.string()) }),
      holdModel: z.object({ shape: z.string(), rise: figure, notes: z.array(z.string()) }),
      bounds: z.object({ database: nullable, databaseMeasured: figure }),
      warnings: z.array(z.object({ code: z.string() })),
    })
    .parse(JSON.parse(out));
  t.is(document.measured.runs.length, 2);
  t.is(document.holdModel.shape, 'rising', out);
  t.is(document.bounds.database, 8, out);
});

/** Planted: hold times of 24 ms, whatever the size; each run at 200/s but the first, whose pool is full. */
const levelHolds = (name: string, rate: number, inUse: number, maxOpen: number): RunDescription => ({
  name,
  stages: [
    {
      name: `${rate}/s`,
      rate,
      seconds: 8,
      settling: 2,
      latencyMs: () => 20,
      target: { pool: { maxOpen, inUse, waitsPerSecond: 0, waitMsPerRequest: 0 } },
    },
  ],
});

test('size pool: a throughput that is level because the load is says nothing of the database', async (t) => {
  const runs = await mkdtemp(join(tmpdir(), 'plimsoll-test-'));
  t.teardown(() => rm(runs, { recursive: true, force: true }));
  const described = [
    levelHolds('a', 80, 2, 2),
    levelHolds('b', 120, 3, 3),
    ...['c', 'd', 'e', 'f'].map((name, index) => levelHolds(name, 200, 4.7 + index * 0.4, 12)),
  ];
  const folders = [];
  for (const each of described) folders.push(await saveRun(buildRunRecord(each), runs, () => null));
  const asked = ['pool', '--arrival-rate', '180/s', '--queries-per-request', '1', '--wait-objective', 'p99<20ms'];
  const { code, out, err } = await size(...asked, ...folders.flatMap((run) => ['--run', run]), '--json');
  t.is(code, 0, err);
  const { bounds } = z
    .object({ bounds: z.object({ database: nullable, databaseMeasured: z.unknown() }) })
    .parse(JSON.parse(out));
  t.deepEqual(bounds, { database: null, databaseMeasured: null });
});

test('size pool: for people, and misuse all at once', async (t) => {
  const { code, out } = await size('pool', ...load);
  t.is(code, 0);
  t.regex(out, /Pool: 10 connections/);
  t.regex(out, /10 +50.*recommended/);
  t.regex(out, /db\.SetMaxIdleConns\(10\)/);
  t.regex(out, /Method: exact: M\/M\/c, random order/);
  t.regex(out, /hold time twice as long/);
  const wrong = await size(
    'pool',
    '--hold-time',
    '10',
    '--queries-per-request',
    '0',
    '--connections-per-request',
    '2',
    '--json',
  );
  t.is(wrong.code, 2);
  t.is(wrong.out, '');
  const lines = wrong.err.trimEnd().split('\n');
  t.is(lines.length, 5, wrong.err);
  for (const line of lines) t.regex(line, /^plimsoll: .+ \(.+\)$/);
});

test('size workers: document, text, exhausted cores', async (t) => {
  const jobs = ['--arrival-rate', '200/s', '--service-time', '40ms', '--wait-objective', 'p99<50ms'];
  const { code, out, err } = await size('workers', ...jobs, '--json');
  t.is(code, 0, err);
  const document = workersDocument.parse(JSON.parse(out));
  // M/M/c of 8 erlangs: P(wait > 50 ms) is C(c, 8) exp(−(c − 8) 1.25).
  t.is(document.recommended?.workers, 11);
  t.is(document.recommended?.lineLength, 13);
  t.is(document.discipline, 'fifo');
  const text = await size('workers', ...jobs, '--cpu-time', '5ms', '--cpus', '2');
  t.is(text.code, 0);
  t.regex(text.out, /Workers: 11/);
  const exhausted = await size('workers', ...jobs, '--cpu-time', '10ms', '--cpus', '2', '--json');
  t.is(exhausted.code, 4);
  t.regex(exhausted.out, /the cores are exhausted/);
});

const decades = Array.from({ length: 51 }, (_, index) => 10 ** (index / 10 - 4.3));
const timesOf = (name: string, drawMs: TimesDescription['drawMs']): TimesDescription => ({
  name,
  labels: 'db_name="orders"',
  perRequest: 1.5,
  drawMs,
  bounds: decades,
});

/** Planted: 1.5 acquisitions a request, held for 20 ms, half of them for 4 ms and half for 36 ms (cv 0.8). */
const timedHolds = (inUse: number): Pick<RunDescription, 'stages'> => ({
  stages: [
    {
      name: '200/s',
      rate: 200,
      seconds: 22,
      settling: 2,
      target: {
        pool: { maxOpen: 12, inUse, waitsPerSecond: 0, waitMsPerRequest: 0 },
        times: [
          timesOf('db_hold_seconds', (random) => (random.next() < 0.5 ? 4 : 36)),
          timesOf('db_acquire_wait_seconds', (random) => (random.next() < 0.9 ? 0.05 : 30)),
        ],
      },
    },
  ],
});

test('size pool: hold times, their scatter and the waits from the histograms of the target', async (t) => {
  const runs = await mkdtemp(join(tmpdir(), 'plimsoll-test-'));
  t.teardown(() => rm(runs, { recursive: true, force: true }));
  const agreeing = await saveRun(buildRunRecord({ name: 'agreeing', ...timedHolds(6) }), runs, () => null);
  const contradicting = await saveRun(buildRunRecord({ name: 'contradicting', ...timedHolds(9) }), runs, () => null);
  const asked = ['pool', '--arrival-rate', '200/s', '--wait-objective', 'p99<5ms', '--runs', runs, '--json'];
  const [known, odd] = await Promise.all([
    size(...asked, '--run', agreeing),
    size(...asked, '--run', contradicting, '--hold-cv', '1'),
  ]);
  t.is(known.code, 0, known.err);
  const figure = z.object({ estimate: z.number(), low: nullable, high: nullable, method: z.string() });
  const shape = poolDocument.extend({
    acquisitionsPerSecond: z.number(),
    holdTimeMs: z.number(),
    holdTimeFrom: z.string(),
    measured: z.object({
      stages: z.array(
        z.object({
          holdByLittleMs: figure,
          holdVariation: figure,
          overLimit: z.object({ measured: figure, predicted: nullable }),
        }),
      ),
    }),
  });
  const document = shape.parse(JSON.parse(known.out));
  t.true(Math.abs(document.acquisitionsPerSecond / 300 - 1) < 0.05, `${document.acquisitionsPerSecond}`);
  t.true(Math.abs(document.holdTimeMs / 20 - 1) < 0.05, `${document.holdTimeMs}`);
  t.regex(document.holdTimeFrom, /^timed by the target \(db_hold_seconds\); their cv 0\.[78]\d* measured/);
  const [measured] = document.measured.stages;
  t.true(Math.abs((measured?.holdByLittleMs.estimate ?? 0) / 20 - 1) < 0.05);
  t.true((measured?.holdVariation.low ?? 1) <= 0.8 && (measured?.holdVariation.high ?? 0) >= 0.8);
  t.true(Math.abs((measured?.overLimit.measured.estimate ?? 0) / 0.1 - 1) < 0.2, JSON.stringify(measured));
  t.true((measured?.overLimit.predicted ?? 1) < 0.03, JSON.stringify(measured));
  const codes = document.warnings.map(({ code }) => code);
  t.true(codes.includes('waits-not-as-predicted') && !codes.includes('hold-sources-differ'), codes.join(' '));
  const other = shape.parse(JSON.parse(odd.out));
  t.regex(other.holdTimeFrom, /their cv 1 assumed or given/);
  t.true(other.warnings.some(({ code, message }) => code === 'hold-sources-differ' && /30(\.\d)? ms/.test(message)));
});
