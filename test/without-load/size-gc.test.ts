import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { z } from 'zod';
import { buildRunRecord } from '../../fixtures/records/build-run-record.ts';
import { pagesOf, simulateCollector, simulatedService } from '../../fixtures/records/simulated-collector.ts';
import { mebibytes } from '../../model/units.ts';
import { saveRun } from '../../runners/store/save-run.ts';
import { CommandLines } from '../command-lines.ts';

const program = new CommandLines();
test.after.always(() => program.end());

/** A folder with a run for each setting, named after it. */
async function runsAt(t: ExecutionContext, ...settings: readonly number[]): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'plimsoll-test-'));
  t.teardown(() => rm(directory, { recursive: true, force: true }));
  const stages = [30, 60, 90].map((requestsPerSecond) => ({ requestsPerSecond, seconds: 40 }));
  for (const gogcPercent of settings) {
    const set = { ...simulatedService, gogcPercent };
    const simulated = simulateCollector(set, stages);
    const record = buildRunRecord({
      name: `gogc-${gogcPercent}`,
      stages: stages.map(({ requestsPerSecond: rate, seconds }) => ({ name: `${rate}/s`, rate, seconds })),
      scrapes: (startedAt) => pagesOf(set, simulated, startedAt, mebibytes(6)),
    });
    await saveRun(record, directory, () => null);
  }
  return directory;
}

const estimate = z.object({
  estimate: z.number(),
  low: z.number(),
  high: z.number(),
  confidence: z.number(),
  method: z.string(),
});
const document = z.object({
  schema: z.literal('plimsoll/size-gc/1'),
  recommended: z
    .object({ gogc: z.number(), goMemLimitBytes: z.number(), meetsBudget: z.boolean().nullable() })
    .nullable(),
  predicted: z.record(z.string(), estimate.nullable()),
  regime: z.enum(['floor', 'gogc', 'limit', 'thrash']).nullable(),
  pareto: z.array(z.object({ gogc: z.number(), peakMemoryBytes: estimate, gcCpuShare: estimate })),
  crossoverRatePerSecond: estimate.extend({ high: z.number().nullable() }).nullable(),
  parameters: z.record(z.string(), estimate.nullable()).nullable(),
  stages: z.array(
    z.object({ cyclesPerSecond: z.number(), heldOut: z.object({ cyclesPerSecond: z.number() }).nullable() }),
  ),
  warnings: z.array(z.object({ code: z.string(), message: z.string() })),
});

test('size gc: a recommendation, a refusal where it would thrash, and what is missing', async (t) => {
  const runs = await runsAt(t, 50, 100, 200);
  const size = (...args: readonly string[]) => program.run(['size', 'gc', '--runs', runs, ...args]);
  const ids = [50, 100, 200].flatMap((gogc) => ['--run', join(runs, `20261121-091300-gogc-${gogc}-0001`)]);
  const load = [...ids, '--rate', '80/s'];
  const [sized, thrash, one, text, wrong] = await Promise.all([
    size(...load, '--memory-limit', '512MiB', '--gc-cpu-budget', '5%', '--json'),
    size(...load, '--memory-limit', '80MiB', '--json'),
    size(...load.slice(4), '--memory-limit', '512MiB', '--json'),
    size(...load, '--memory-limit', '512MiB'),
    size('--memory-limit', '512', '--rate', 'fast', '--gc-cpu-budget', '5', '--json'),
  ]);
  t.is(sized.code, 0, sized.err);
  const answer = document.parse(JSON.parse(sized.out));
  t.is(answer.regime, 'gogc');
  const limit = answer.recommended?.goMemLimitBytes ?? 0;
  t.true(limit > 0 && limit <= 0.9 * mebibytes(512));
  t.true((answer.predicted['peakMemoryBytes']?.estimate ?? Infinity) <= 0.85 * limit);
  t.true((answer.predicted['peakMemoryBytes']?.high ?? Infinity) < limit);
  t.is(answer.recommended?.meetsBudget, true);
  const [first, ...rest] = answer.pareto;
  for (const [index, row] of rest.entries()) {
    const before = index === 0 ? first : rest[index - 1];
    t.true(row.peakMemoryBytes.estimate > (before?.peakMemoryBytes.estimate ?? Infinity));
    t.true(row.gcCpuShare.estimate < (before?.gcCpuShare.estimate ?? 0));
  }
  t.truthy(answer.parameters?.['allocBytesPerRequest']);
  t.is(answer.stages.length, 9);
  for (const { cyclesPerSecond, heldOut } of answer.stages)
    t.true(
      Math.abs(cyclesPerSecond / (heldOut?.cyclesPerSecond ?? 0) - 1) < 0.1,
      `${cyclesPerSecond}, ${heldOut?.cyclesPerSecond}`,
    );

  t.is(thrash.code, 4);
  const refused = document.parse(JSON.parse(thrash.out));
  t.deepEqual([refused.regime, refused.recommended], ['thrash', null]);
  t.true(Object.values(refused.predicted).every((value) => value === null));
  t.is(refused.warnings[0]?.code, 'thrash');

  t.is(one.code, 4);
  t.deepEqual(document.parse(JSON.parse(one.out)).warnings[0]?.code, 'one-gogc');

  t.is(text.code, 0);
  t.true(text.out.includes(`GOGC=${answer.recommended?.gogc}`));
  t.true(text.out.includes(`GOMEMLIMIT=${limit / mebibytes(1)}MiB`));

  t.is(wrong.code, 2);
  t.is(wrong.out, '');
  t.is(
    wrong.err.split('\n').filter((line) => /--(run|memory-limit|rate|gc-cpu-budget)\b/.test(line)).length >= 4,
    true,
  );
});
