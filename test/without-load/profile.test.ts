import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import test, { type ExecutionContext } from 'ava';
import { z } from 'zod';
import { buildRunRecord } from '../../fixtures/records/build-run-record.ts';
import { sampleRun } from '../../fixtures/records/sample-run.ts';
import type { EndedProgram } from '../../fixtures/run-program.ts';
import { type ProfileCapture, captured } from '../../model/measurements.ts';
import { bytes, epochMilliseconds, mebibytes, milliseconds } from '../../model/units.ts';
import { saveRun } from '../../runners/store/save-run.ts';
import { CommandLines } from '../command-lines.ts';

const captures = fileURLToPath(new URL('../../fixtures/captures/', import.meta.url));
const program = new CommandLines();
test.after.always(() => program.end());
const profile = (...args: readonly string[]): Promise<EndedProgram> => program.run(['profile', ...args], captures);

const document = z.object({
  schema: z.enum(['plimsoll/profile-top/1', 'plimsoll/profile-diff/1']),
  files: z.array(z.string()),
  base: z.string().nullable(),
  sampleType: z.string(),
  unit: z.string(),
  total: z.int(),
  functions: z.array(
    z.object({
      name: z.string(),
      flat: z.int(),
      flatShare: z.number(),
      cumulative: z.int(),
      cumulativeShare: z.number(),
      inlined: z.enum(['all', 'some']).optional(),
    }),
  ),
  unmatched: z.array(z.string()),
});
type ProfileDocument = z.infer<typeof document>;

async function figures(t: ExecutionContext, ...args: readonly string[]): Promise<ProfileDocument> {
  const { code, out, err } = await profile(...args, '--json');
  t.is(code, 0, err);
  return document.parse(JSON.parse(out));
}

test('top: whole numbers in the unit of the profile, shares of the total, whatever the unit of the table', async (t) => {
  const { functions, total, ...rest } = await figures(
    t,
    'top',
    'cpu-type-checker.pb.gz',
    '--nodecount',
    '3',
    '--unit',
    'ms',
  );
  t.like(rest, { schema: 'plimsoll/profile-top/1', base: null, sampleType: 'cpu', unit: 'nanoseconds', unmatched: [] });
  t.is(functions.length, 3);
  for (const each of functions) {
    t.is(each.flatShare, each.flat / total);
    t.is(each.cumulativeShare, each.cumulative / total);
  }
});

test('diff is top with --diff-base, and the table of both is the same', async (t) => {
  const pair = ['allocs-before.pb.gz', 'allocs-after.pb.gz'] as const;
  const [diff, top] = await Promise.all([figures(t, 'diff', ...pair), figures(t, 'top', '--diff-base', ...pair)]);
  t.true(diff.functions.length > 5);
  t.deepEqual({ ...diff, schema: top.schema }, top);
  const [one, other] = await Promise.all([profile('diff', ...pair), profile('top', '--diff-base', ...pair)]);
  t.regex(one.out, /^Showing nodes accounting for .*\n/m);
  t.is(one.out, other.out);
});

test('a filter that matches nothing is said beside the result', async (t) => {
  const { code, out, err } = await profile('top', 'cpu-loaded.pb.gz', '--ignore', 'no-such-function');
  t.is(code, 0);
  t.regex(out, /flat%/);
  t.is(err, '--ignore matches no function and no file\n');
});

test('a profile that is none is refused with exactly one line', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-test-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const whole = readFileSync(join(captures, 'cpu-loaded.pb.gz'));
  const refused: Readonly<Record<string, Uint8Array>> = {
    'empty.pb.gz': new Uint8Array(),
    'cut.pb.gz': whole.subarray(0, 3000),
    'page.html': Buffer.from('<html>\n<body>\n401 Unauthorized</body></html>\n'),
    'bomb.pb.gz': gzipSync(Buffer.alloc(mebibytes(200))),
  };
  await Promise.all(Object.entries(refused).map(([name, content]) => writeFile(join(folder, name), content)));
  const named = [...Object.keys(refused).map((name) => join(folder, name)), join(folder, 'absent.pb.gz'), folder];
  for (const file of named)
    for (const json of [[], ['--json']]) {
      const { code, out, err } = await profile('top', file, ...json);
      t.is(code, 2, file);
      t.is(out, '');
      t.true(err.startsWith(`plimsoll: ${file}: `), err);
      t.regex(err, /^[^\n]+ \([^\n]+\)\n$/);
    }
  const two = await profile('diff', 'cpu-loaded.pb.gz', 'heap-idle.pb.gz');
  t.is(two.code, 2);
  t.regex(two.err, /^plimsoll: heap-idle\.pb\.gz, cpu-loaded\.pb\.gz: nothing was sampled[^\n]+\n$/);
});

test('everything that is wrong with the flags at once', async (t) => {
  const wrong = [
    '--nodecount',
    '1.5',
    '--nodefraction',
    '2',
    '--focus',
    'a(',
    '--unit',
    'acre',
    '--normalize',
    '--stage',
    '1',
  ];
  const { code, err } = await profile('top', ...wrong);
  t.is(code, 2);
  for (const [index, where] of [
    'profile top',
    '--normalize',
    '--stage|--kind',
    '--nodecount',
    '--nodefraction',
    '--focus',
    '--unit',
  ].entries())
    t.regex(err.split('\n')[index] ?? '', new RegExp(`^plimsoll: (${where}): .+ \\(.+\\)$`));
  const unknown = await profile('top', 'cpu-loaded.pb.gz', '--sample-index', 'wall');
  t.regex(unknown.err, /^plimsoll: --sample-index: .*"wall" \(one of samples, cpu\)\n$/);
  const word = await profile('topp', 'cpu-loaded.pb.gz');
  t.regex(word.err, /did you mean top\?/);
});

const capture = (stage: number, kind: ProfileCapture['kind'], file: string): ProfileCapture => ({
  source: null,
  stage,
  label: 'stage',
  kind,
  startedAt: epochMilliseconds(1_000_000 + stage),
  durationMs: milliseconds(1000),
  cumulative: kind === 'allocs',
  content: captured({ file: `profiles/${file}`, bytes: bytes(statSync(join(captures, file)).size) }),
});

test('of a run the profile of a stage; of kinds that add up what the stage added', async (t) => {
  const runs = await mkdtemp(join(tmpdir(), 'plimsoll-test-'));
  t.teardown(() => rm(runs, { recursive: true, force: true }));
  const profiles = [
    capture(0, 'allocs', 'allocs-before.pb.gz'),
    capture(1, 'cpu', 'cpu-loaded.pb.gz'),
    capture(1, 'allocs', 'allocs-after.pb.gz'),
  ];
  await saveRun(buildRunRecord({ ...sampleRun, profiles }), runs, ({ content }) =>
    content.status === 'captured' ? readFileSync(join(captures, content.value.file.replace('profiles/', ''))) : null,
  );
  const ofRun = ['last', '--runs', runs, '--stage', '1'] as const;
  const [cpu, added] = await Promise.all([
    figures(t, 'top', ...ofRun, '--kind', 'cpu'),
    figures(t, 'top', ...ofRun, '--kind', 'allocs'),
  ]);
  t.deepEqual(cpu.functions, (await figures(t, 'top', 'cpu-loaded.pb.gz')).functions);
  const difference = await figures(t, 'top', 'allocs-after.pb.gz', '--base', 'allocs-before.pb.gz');
  t.deepEqual(added.functions, difference.functions);
  const { code, err } = await profile('top', ...ofRun, '--kind', 'block');
  t.is(code, 2);
  t.regex(err, /^plimsoll: last: has no block profile of stage 1 \(it has allocs of stages? 0[^;]*; [^\n]+\n$/);
});
