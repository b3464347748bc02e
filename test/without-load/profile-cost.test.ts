import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { z } from 'zod';
import { profiledRun } from '../../fixtures/records/profiled-run.ts';
import type { PlantedFunction } from '../../fixtures/records/simulate-profiles.ts';
import type { EndedProgram } from '../../fixtures/run-program.ts';
import { saveRun } from '../../runners/store/save-run.ts';
import { CommandLines } from '../command-lines.ts';
import { golden } from '../golden.ts';

const program = new CommandLines();
test.after.always(() => program.end());

const planted = (
  name: string,
  msPerRequest: PlantedFunction['msPerRequest'],
  labels: PlantedFunction['labels'] = {},
): PlantedFunction => ({
  stack: ['runtime.memmove', `shop.${name} /src/shop/${name}.go:42`, 'net/http.(*conn).serve'],
  msPerRequest,
  labels,
});
const functions = [
  planted('constant', () => 30, { endpoint: 'GET /' }),
  planted('linear', (rate) => (25 * rate) / 80),
  planted('quadratic', (rate) => 20 * (rate / 80) ** 2),
  planted('rare', () => 0.05),
  { stack: ['runtime.scanobject', 'runtime.gcBgMarkWorker'], msPerRequest: (rate: number) => 200 / rate },
];

async function runs(t: ExecutionContext, rates: readonly number[]): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'plimsoll-test-'));
  t.teardown(() => rm(directory, { recursive: true, force: true }));
  const { record, read } = profiledRun({ rates, planted: functions });
  await saveRun(record, directory, ({ content }) => (content.status === 'captured' ? read(content.value.file) : null));
  return directory;
}

const cost = (directory: string, ...args: readonly string[]): Promise<EndedProgram> =>
  program.run(['profile', 'cost', 'last', '--runs', directory, ...args]);

const law = z.object({
  trend: z.enum(['growing', 'innocent', 'falling', 'inconclusive']),
  exponent: z.object({ estimate: z.number(), low: z.number(), high: z.number() }).nullable(),
  predicted: z.object({ estimate: z.number(), low: z.number(), high: z.number() }).nullable(),
  samples: z.number(),
});
const document = z.object({
  schema: z.literal('plimsoll/profile-cost/1'),
  unit: z.string(),
  atPerSecond: z.number().nullable(),
  stages: z.array(z.object({ stage: z.number(), ratePerSecond: z.number(), requests: z.number() })),
  functions: z.array(
    z.object({ name: z.string(), place: z.string().nullable(), flat: law, cumulative: law, site: law }),
  ),
  listed: z.number(),
  labels: z.array(
    z.object({ key: z.string(), values: z.array(z.object({ value: z.string(), requestsOf: z.string() })) }),
  ),
  missing: z.string().nullable(),
});

test('tells constant, linear and quadratic costs apart, ranked at the rate asked for', async (t) => {
  const directory = await runs(t, [10, 20, 40, 60, 80]);
  const { code, out, err } = await cost(directory, '--json', '--at', '96/s');
  t.is(code, 0, err);
  const { functions: list, ...rest } = document.parse(JSON.parse(out));
  t.like(rest, { unit: 'ms', atPerSecond: 96, missing: null });
  t.deepEqual(
    list.map(({ name, place, site }) => [name, place, site.trend]),
    [
      ['shop.linear', 'shop/linear.go:42', 'growing'],
      ['shop.constant', 'shop/constant.go:42', 'innocent'],
      ['shop.quadratic', 'shop/quadratic.go:42', 'growing'],
      ['runtime.gcBgMarkWorker', null, 'falling'],
      ['shop.rare', 'shop/rare.go:42', 'inconclusive'],
    ],
  );
  t.deepEqual(rest.labels, [{ key: 'endpoint', values: [{ value: 'GET /', requestsOf: 'endpoint' }] }]);
  const flat = document.parse(JSON.parse((await cost(directory, '--json', '--sort', 'flat', '--nodecount', '1')).out));
  t.is(flat.functions[0]?.name, 'runtime.memmove');
  t.is(flat.functions.length, 1);
  t.is(flat.listed, 2);
  const text = (await cost(directory)).out;
  t.is(text, golden('profile-cost.txt', text));
});

test('a rate far from the stages is refused, all that is wrong at once; nothing to tell is exit 4', async (t) => {
  const directory = await runs(t, [10, 80]);
  const far = await cost(directory, '--at', '120/s');
  t.is(far.code, 2);
  t.regex(far.err, /^plimsoll: --at: 120\/s is far from the stages, which went from 10\/s to 80\/s \([^\n]+\)\n$/);
  const wrong = await program.run(['profile', 'cost', '--at', '0', '--nodecount', 'x']);
  t.is(wrong.code, 2);
  t.deepEqual(
    wrong.err.split('\n').flatMap((line) => /^plimsoll: (.+?): /.exec(line)?.[1] ?? []),
    ['profile cost', '--at', '--nodecount'],
  );
  const two = await cost(directory, '--json');
  t.is(two.code, 4);
  t.is(document.parse(JSON.parse(two.out)).missing, '2 of at least 3 stages of different rates');
  const none = await cost(directory, '--type', 'alloc');
  t.is(none.code, 4);
  t.regex(none.out, /the run took no profiles of alloc in its stages/);
});
