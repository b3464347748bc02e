import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { z } from 'zod';
import { CommandLines } from '../command-lines.ts';

const captures = fileURLToPath(new URL('../../fixtures/captures/', import.meta.url));
const program = new CommandLines();
let folder = '';
test.before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plimsoll-test-'));
});
test.after.always(async () => {
  await program.end();
  await rm(folder, { recursive: true, force: true });
});

const answer = z.strictObject({
  schema: z.literal('plimsoll/profile-flame/1'),
  files: z.array(z.string()),
  base: z.string().nullable(),
  out: z.string(),
  sampleType: z.string(),
  unit: z.string(),
  total: z.int(),
  frames: z.int(),
  leftOut: z.int(),
  unmatched: z.array(z.string()),
});

test('a page of profiles, compared with another', async (t) => {
  const out = join(folder, 'flame.html');
  const args = ['profile', 'flame', 'cpu-collected.pb.gz', '--diff-base', 'cpu-loaded.pb.gz', '--out', out, '--json'];
  const { code, out: printed, err } = await program.run(args, captures);
  t.is(code, 0, err);
  const figures = answer.parse(JSON.parse(printed));
  t.like(figures, {
    base: 'cpu-loaded.pb.gz',
    sampleType: 'cpu',
    unit: 'nanoseconds',
    total: 2_000_000_000,
    leftOut: 0,
  });
  const page = await readFile(out, 'utf8');
  t.regex(page, /Width: CPU time in cpu-collected\.pb\.gz, 2\.00 s in 200 samples/);
  t.regex(page, /Compared with cpu-loaded\.pb\.gz, 840 ms in 84 samples/);
  t.is(page.match(/<figure class="wide flame"/g)?.length, 1);
});

test('everything that is wrong at once, and profiles of different things', async (t) => {
  const { code, err } = await program.run(['profile', 'flame', 'absent.pb.gz', '--focus', 'a('], captures);
  t.is(code, 2);
  t.regex(err, /--out: is missing/);
  t.regex(err, /absent\.pb\.gz: cannot be read/);
  t.regex(err, /--focus: /);
  const out = join(folder, 'none.html');
  const two = ['profile', 'flame', 'cpu-loaded.pb.gz', '--diff-base', 'heap-idle.pb.gz', '--out', out];
  const refused = await program.run(two, captures);
  t.is(refused.code, 2);
  t.regex(refused.err, /^plimsoll: cpu-loaded\.pb\.gz, heap-idle\.pb\.gz: nothing was sampled[^\n]+\n$/);
});
