import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { z } from 'zod';
import { type StageDescription, buildRunRecord } from '../fixtures/records/build-run-record.ts';
import { startPlimsoll } from '../fixtures/run-program.ts';
import { saveRun } from '../runners/store/save-run.ts';

/** Every request waits for nothing and takes 5 ms and a little: as at a target that answers after a timer. */
const idle = (rate: number): StageDescription => ({
  rate,
  // As long lasts what verifies the prediction; with less there is no p99 to predict from.
  seconds: 5,
  latencyMs: (random) => 5 + random.exponential() * 0.5,
  // Four processors, used to an eighth: what is left says that nobody will wait.
  target: { cpuMsPerRequest: 1 },
});
const record = buildRunRecord({ name: 'idle', arrivals: 'poisson', stages: [250, 400, 500].map(idle) });

const compared = z.object({ predicted: z.number(), observed: z.number().nullable() });
const verifiedShape = z.object({
  refused: z.null(),
  verified: z.object({ status: z.literal('run'), run: z.string(), throughputPerSecond: compared }),
});

test('--verify runs the predicted point and shows it beside the prediction', async (t) => {
  const server = createServer((_, response) => setTimeout(() => response.end('ok'), 5)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  const target = { kind: 'attach', url, readyPath: null, readyTimeoutMs: record.plan.graceMs } as const;
  const runs = await mkdtemp(join(tmpdir(), 'plimsoll-test-'));
  t.teardown(() => rm(runs, { recursive: true, force: true }));
  await saveRun({ ...record, plan: { ...record.plan, target } }, runs, () => null);
  const whatif = ['whatif', record.id, '--rate', '600/s', '--verify', '--json', '--runs', runs];
  const { code, out, err } = await startPlimsoll(whatif).ended;
  // Whether it was as predicted is the machine's affair.
  t.true(code === 0 || code === 1 || code === 4, err);
  const { verified } = verifiedShape.parse(JSON.parse(out));
  t.is(verified.throughputPerSecond.predicted, 600);
  t.regex(verified.run, /idle/);
});
