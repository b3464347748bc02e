import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { type StageDescription, buildRunRecord } from '../../fixtures/records/build-run-record.ts';
import type { EndedProgram } from '../../fixtures/run-program.ts';
import { saveRun } from '../../runners/store/save-run.ts';
import { CommandLines } from '../command-lines.ts';

/** Every request waits for nothing and takes 5 ms and a little: as at a target that answers after a timer. */
const idle = (rate: number): StageDescription => ({
  rate,
  seconds: 7,
  latencyMs: (random) => 5 + random.exponential() * 0.5,
  // Four processors, used to an eighth: what is left says that nobody will wait.
  target: { cpuMsPerRequest: 1 },
});
const record = buildRunRecord({ name: 'idle', arrivals: 'poisson', stages: [250, 400, 500].map(idle) });

const program = new CommandLines();
test.after.always(() => program.end());

test('a rate that was not measured: JSON, text, refusals and misuse', async (t) => {
  const runs = await mkdtemp(join(tmpdir(), 'plimsoll-test-'));
  t.teardown(() => rm(runs, { recursive: true, force: true }));
  await saveRun(record, runs, () => null);
  const whatif = (...args: readonly string[]): Promise<EndedProgram> =>
    program.run(['whatif', 'last', '--runs', runs, ...args]);

  const { code, out, err } = await whatif('--rate', '600/s', '--json');
  t.is(code, 0, err);
  t.like(JSON.parse(out), {
    schema: 'plimsoll/whatif/1',
    refused: null,
    verified: null,
    predictions: { throughputPerSecond: { estimate: 600 }, limiter: { signal: 'cpu', reached: false } },
  });
  const text = await whatif('--rate', '1200/s', '--replicas', '2');
  t.is(text.code, 0, text.err);
  t.regex(text.out, /^What if\n[^]*600\/s per instance[^]*p99 [^]*note: replicas are taken to share the load evenly/);

  const refused = await whatif('--rate', '900/s', '--gogc', '50', '--verify', '--json');
  t.is(refused.code, 4, refused.err);
  t.like(JSON.parse(refused.out), {
    predictions: { responseTimeMs: null, throughputPerSecond: null, limiter: null, headroomShare: null },
    verified: null,
  });
  t.regex(refused.out, /"refused": "900\/s per instance is beyond 1\.25 times [^]*--gogc: the run had one setting/);

  const notRun = await whatif('--rate', '1200/s', '--replicas', '2', '--verify', '--json');
  t.is(notRun.code, 4, notRun.err);
  t.regex(notRun.out, /"status": "not-run"[^]*only another rate can be run from here; change replicas/);

  const wrong = await whatif('--rate', 'fast', '--replicas', '0', '--mix', 'menu', '--gogc', 'some', '--json');
  t.is(wrong.code, 2);
  t.is(wrong.out, '');
  for (const line of [
    /--rate: "fast" is not a rate/,
    /--replicas: "0"/,
    /--mix: "menu" is no endpoint/,
    /--gogc: "some"/,
  ])
    t.regex(wrong.err, line);
  t.regex((await whatif()).err, /nothing is changed/);
});
