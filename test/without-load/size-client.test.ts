import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { z } from 'zod';
import { buildRunRecord } from '../../fixtures/records/build-run-record.ts';
import type { TimesDescription } from '../../fixtures/records/target-text.ts';
import { type EndedProgram, startPlimsoll } from '../../fixtures/run-program.ts';
import { saveRun } from '../../runners/store/save-run.ts';

const size = (...args: readonly string[]): Promise<EndedProgram> => startPlimsoll(['size', 'client', ...args]).ended;

const nullable = z.number().nullable();
const document = z.object({
  schema: z.literal('plimsoll/size-client/1'),
  recommended: z.object({ connections: z.number(), low: z.number(), high: nullable }).nullable(),
  callsPerSecond: z.number(),
  callTimeMs: nullable,
  measured: z
    .object({
      host: z.string().nullable(),
      stages: z.array(z.object({ variation: z.object({ estimate: z.number() }).nullable(), slowestMs: nullable })),
    })
    .nullable(),
  table: z.array(z.object({ connections: z.number(), probabilityOverObjective: nullable })),
  idle: z
    .object({
      maxIdlePerHost: z.number(),
      maxIdle: z.number(),
      idleTimeMs: nullable,
      byLimit: z.array(
        z.object({ maxIdlePerHost: z.number(), dialsPerSecond: z.object({ estimate: z.number() }), share: z.number() }),
      ),
    })
    .nullable(),
  timeout: z.object({ timeoutMs: z.number(), cutShare: nullable, by: z.string() }).nullable(),
  settings: z.array(z.string()),
  method: z.string(),
  warnings: z.array(z.object({ code: z.string() })),
});
type Answer = z.infer<typeof document>;
const answerOf = ({ out }: EndedProgram): Answer => document.parse(JSON.parse(out));
const codesOf = ({ warnings }: Answer): readonly string[] => warnings.map(({ code }) => code);

const load = ['--arrival-rate', '500/s', '--call-time', '10ms', '--wait-objective', 'p99<5ms'];

test('numbers on the command line: Erlang C, dials by idle connections, idle time and timeout', async (t) => {
  const ended = await size(...load, '--server-idle-timeout', '75s', '--call-p999', '80ms', '--hosts', '3', '--json');
  t.is(ended.code, 0, ended.err);
  const answer = answerOf(ended);
  t.like(answer.recommended, { connections: 10, low: 10, high: 10 });
  // Erlang C of 9 connections and 5 busy, times e^(-(9 - 5) · 5 ms / 10 ms), as size pool has it for pgxpool.
  const nine = answer.table.find(({ connections }) => connections === 9)?.probabilityOverObjective ?? 0;
  t.true(Math.abs(nine - 0.0109) < 0.0001);
  t.like(answer.idle, { maxIdlePerHost: 10, maxIdle: 30, idleTimeMs: 67_500 });
  t.deepEqual(
    answer.idle?.byLimit.map(({ maxIdlePerHost }) => maxIdlePerHost),
    [2, 8, 10],
  );
  const [usual, fourFifths, all] = answer.idle?.byLimit.map(({ share }) => share) ?? [];
  // As a program of Go measured it with http.Transport: docs/client-pool.md.
  t.true(Math.abs((usual ?? 0) - 0.27) < 0.005 && Math.abs((fourFifths ?? 0) - 0.0125) < 0.0005);
  t.is(all, 0);
  t.deepEqual(answer.timeout, { timeoutMs: 85, cutShare: 0.011, by: 'calls' });
  t.true(answer.settings.includes('transport.MaxConnsPerHost = 10'));
  t.true(answer.settings.includes('transport.IdleConnTimeout = 67500 * time.Millisecond'));
  t.deepEqual(answer.warnings, []);

  const text = await size(...load);
  t.is(text.code, 0, text.err);
  t.regex(text.out, /^HTTP client: 10 connections per host\n/);
  t.regex(text.out, /four fifths of the connections/);
  t.regex(text.out, /no IdleConnTimeout is recommended[^]*no timeout is recommended/);
});

test('what cannot be had is refused or said', async (t) => {
  const saturated = await size(...load, '--downstream-servers', '5', '--json');
  t.is(saturated.code, 4);
  t.deepEqual([answerOf(saturated).recommended, codesOf(answerOf(saturated))[0]], [null, 'downstream-saturated']);
  const cut = answerOf(
    await size(...load, '--downstream-servers', '8', '--call-p999', '80ms', '--deadline', '60ms', '--json'),
  );
  t.is(cut.recommended?.connections, 8);
  t.deepEqual(codesOf(cut), ['cut-to-bound', 'idle-time-unknown', 'deadline-cuts-calls', 'objective-missed']);
  t.like(cut.timeout, { timeoutMs: 60, by: 'deadline', cutShare: null });
  const wrong = await size(
    '--arrival-rate',
    '0',
    '--call-time',
    '20',
    '--call-p999',
    'long',
    '--host',
    'pay',
    '--calls-per-request',
    '0',
    '--hosts',
    '1.5',
    '--json',
  );
  t.is(wrong.code, 2);
  t.is(wrong.out, '');
  for (const flag of [
    '--arrival-rate',
    '--call-time',
    '--call-p999',
    '--host',
    '--calls-per-request',
    '--hosts',
    '--wait-objective',
  ])
    t.regex(wrong.err, new RegExp(`${flag}: `));
});

const bounds = Array.from({ length: 41 }, (_, index) => 10 ** (index / 10 - 3));
const calls = (server: string, meanMs: number): TimesDescription => ({
  name: 'http_client_request_duration_seconds',
  labels: `server_address="${server}",http_request_method="POST"`,
  perRequest: 2,
  drawMs: (random) => random.exponential() * meanMs,
  bounds,
});

const stage = (rate: number, meanMs: number) => ({
  name: `${rate}/s`,
  rate,
  seconds: 14,
  settling: 2,
  target: { goroutines: 40, times: [calls('payments', meanMs), calls('stock', 3)] },
});

test('from a run: rate, times, scatter and tail of the calls to one of its servers', async (t) => {
  const runs = await mkdtemp(join(tmpdir(), 'plimsoll-test-'));
  t.teardown(() => rm(runs, { recursive: true, force: true }));
  await saveRun(buildRunRecord({ name: 'calling', stages: [stage(100, 20), stage(300, 20)] }), runs, () => null);
  await saveRun(
    buildRunRecord({ name: 'alone', stages: [{ rate: 50, seconds: 8, target: { goroutines: 9 } }] }),
    runs,
    () => null,
  );
  const measured = ['--runs', runs, '--wait-objective', 'p99<5ms', '--json'];
  const calling = [...measured, '--run', '20261121-091300-calling', '--arrival-rate'];
  const ended = await size(...calling, '300/s', '--host', 'payments');
  t.is(ended.code, 0, ended.err);
  const answer = answerOf(ended);
  // Planted: two calls a request, exponential with a mean of 20 ms.
  t.true(Math.abs(answer.callsPerSecond / 600 - 1) < 0.05, `${answer.callsPerSecond}`);
  t.true(Math.abs((answer.callTimeMs ?? 0) / 20 - 1) < 0.05, `${answer.callTimeMs}`);
  const [, high] = answer.measured?.stages ?? [];
  t.true(Math.abs((high?.variation?.estimate ?? 0) - 1) < 0.1, JSON.stringify(high));
  t.true((high?.slowestMs ?? 0) > 20 * Math.log(1000) && (high?.slowestMs ?? Infinity) < 300, JSON.stringify(high));
  t.is(answer.timeout?.by, 'calls');
  const { connections = 0, low = 0, high: most = 0 } = answer.recommended ?? {};
  // By Erlang C 19 are enough for exactly these.
  t.true(low <= 19 && (most ?? 0) >= 19 && Math.abs(connections - 19) <= 1, JSON.stringify(answer.recommended));

  const [beyond, none, several] = await Promise.all([
    size(...calling, '900/s', '--host', 'payments'),
    size(...measured, '--run', '20261121-091300-alone', '--arrival-rate', '50/s'),
    size(...calling, '300/s'),
  ]);
  t.deepEqual([beyond.code, codesOf(answerOf(beyond))], [4, ['beyond-measured-range']]);
  t.deepEqual([none.code, codesOf(answerOf(none))], [4, ['calls-unknown']]);
  t.is(several.code, 2);
  t.regex(several.err, /--host: is missing: the target calls several servers \(one of payments, stock\)/);
});
