import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { z } from 'zod';
import { type StageDescription, buildRunRecord } from '../fixtures/records/build-run-record.ts';
import { type EndedProgram, startPlimsoll } from '../fixtures/run-program.ts';
import type { RunRecord } from '../model/run-record.ts';
import { saveRun } from '../runners/store/save-run.ts';

/** Every request waits for nothing and takes 5 ms and a little: as at a target that answers after a timer. */
const idle = (rate: number): StageDescription => ({
  rate,
  seconds: 7,
  latencyMs: (random) => 5 + random.exponential() * 0.5,
  // Four processors, used to an eighth: what is left says that nobody will wait.
  target: { cpuMsPerRequest: 1 },
});
const record = buildRunRecord({ name: 'idle', arrivals: 'poisson', stages: [250, 400, 500].map(idle) });

async function runsWith(t: ExecutionContext, saved: RunRecord): Promise<string> {
  const runs = await mkdtemp(join(tmpdir(), 'plimsoll-test-'));
  t.teardown(() => rm(runs, { recursive: true, force: true }));
  await saveRun(saved, runs, () => null);
  return runs;
}

/** Not "last": what a verification ran is newer. */
const whatif = (runs: string, ...args: readonly string[]): Promise<EndedProgram> =>
  startPlimsoll(['whatif', record.id, '--runs', runs, ...args]).ended;

const compared = z.object({ predicted: z.number(), observed: z.number().nullable() });
const verifiedShape = z.object({
  refused: z.null(),
  verified: z.object({ status: z.literal('run'), run: z.string(), throughputPerSecond: compared }),
});

test('a rate that was not measured: JSON, text, refusals and misuse', async (t) => {
  const runs = await runsWith(t, record);
  const { code, out, err } = await whatif(runs, '--rate', '600/s', '--json');
  t.is(code, 0, err);
  t.like(JSON.parse(out), {
    schema: 'plimsoll/whatif/1',
    refused: null,
    verified: null,
    predictions: { throughputPerSecond: { estimate: 600 }, limiter: { signal: 'cpu', reached: false } },
  });
  const text = await whatif(runs, '--rate', '1200/s', '--replicas', '2');
  t.is(text.code, 0, text.err);
  t.regex(text.out, /^What if\n[^]*600\/s per instance[^]*p99 [^]*note: replicas are taken to share the load evenly/);

  const refused = await whatif(runs, '--rate', '900/s', '--gogc', '50', '--verify', '--json');
  t.is(refused.code, 4, refused.err);
  t.like(JSON.parse(refused.out), {
    predictions: { responseTimeMs: null, throughputPerSecond: null, limiter: null, headroomShare: null },
    verified: null,
  });
  t.regex(refused.out, /"refused": "900\/s per instance is beyond 1\.25 times [^]*--gogc: the run had one setting/);

  const wrong = await whatif(runs, '--rate', 'fast', '--replicas', '0', '--mix', 'menu', '--gogc', 'some', '--json');
  t.is(wrong.code, 2);
  t.is(wrong.out, '');
  for (const line of [
    /--rate: "fast" is not a rate/,
    /--replicas: "0"/,
    /--mix: "menu" is no endpoint/,
    /--gogc: "some"/,
  ])
    t.regex(wrong.err, line);
  t.regex((await whatif(runs)).err, /nothing is changed/);
});

test('--verify runs the predicted point and shows it beside the prediction', async (t) => {
  const server = createServer((_, response) => setTimeout(() => response.end('ok'), 5)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  const target = { kind: 'attach', url, readyPath: null, readyTimeoutMs: record.plan.graceMs } as const;
  const runs = await runsWith(t, { ...record, plan: { ...record.plan, target } });
  const { code, out, err } = await whatif(runs, '--rate', '600/s', '--verify', '--json');
  // Whether it was as predicted is the machine's affair.
  t.true(code === 0 || code === 1 || code === 4, err);
  const { verified } = verifiedShape.parse(JSON.parse(out));
  t.is(verified.throughputPerSecond.predicted, 600);
  t.regex(verified.run, /idle/);

  const other = await whatif(runs, '--rate', '1200/s', '--replicas', '2', '--verify', '--json');
  t.is(other.code, 4, other.err);
  t.regex(other.out, /"status": "not-run"[^]*only another rate can be run from here; change replicas/);
});
