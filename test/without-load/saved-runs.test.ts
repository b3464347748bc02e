import { mkdtempSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { z } from 'zod';
import { exitCodes } from '../../cli/exit-codes.ts';
import { type RunDescription, buildRunRecord } from '../../fixtures/records/build-run-record.ts';
import { startPlimsoll } from '../../fixtures/run-program.ts';
import { after, seconds } from '../../model/units.ts';
import { saveRun } from '../../runners/store/save-run.ts';

/*
 * `compare`, `history` and `gate` of saved runs as a user starts them; what they find is tested beside their sources.
 */
const folder = mkdtempSync(join(tmpdir(), 'plimsoll-test-'));
test.after.always(() => rm(folder, { recursive: true, force: true }));

/** Ten seconds at 120 requests a second; the target's metrics are there, profiles are not. */
async function makeRun(number: number, slower: number, changes: Partial<RunDescription> = {}): Promise<void> {
  const record = buildRunRecord({
    seed: number,
    stages: [
      {
        rate: 120,
        seconds: 11,
        latencyMs: (random) => slower * (10 + random.next()),
        target: { cpuMsPerRequest: 0.4 * slower, goroutines: 12 },
      },
    ],
    ...changes,
  });
  const id = idOf(number);
  const start = seconds(60 * number);
  const moved = { startedAt: after(record.startedAt, start), endedAt: after(record.endedAt, start) };
  await saveRun({ ...record, ...moved, id }, join(folder, '.plimsoll/runs'), () => null);
}

const idOf = (number: number): string => `20261121-09${number}00-sample-0001`;
const ofBase = [20, 22, 24, 26, 28];
const ofSlow = [21, 23, 25, 27, 29];
const base = ofBase.map(idOf);
const slow = ofSlow.map(idOf);
const other = idOf(30);

test.before(async () => {
  for (const number of ofBase) await makeRun(number, 1);
  for (const number of ofSlow) await makeRun(number, 1.2);
  await makeRun(30, 1, { host: { cpuModel: 'another', kernel: '6.99' } });
});

const plimsoll = (...args: readonly string[]) => startPlimsoll(args, { cwd: folder }).ended;
const comparison = z.object({
  verdict: z.string(),
  metrics: z.array(z.object({ name: z.string(), verdict: z.string() })),
  warnings: z.array(z.object({ code: z.string() })),
});

test('compare: worse 1, unlike machines 2 with the fields', async (t) => {
  const decisive = ['--metric', 'p99', '--metric', 'cpu-per-request', '--metric', 'errors'];
  const [worse, unlike, text] = await Promise.all([
    plimsoll('compare', ...base, '--with', ...slow, ...decisive, '--json'),
    plimsoll('compare', base[0] ?? '', '--with', other, '--metric', 'speed', '--json'),
    plimsoll('compare', ...base, '--with', ...slow, '--paired', ...decisive),
  ]);
  t.is(worse.code, exitCodes.missed, worse.err);
  const seen = comparison.parse(JSON.parse(worse.out));
  t.deepEqual(
    seen.metrics.map(({ name, verdict }) => `${name} ${verdict}`),
    ['errors same', 'p99 worse', 'cpu-per-request worse'],
  );
  t.deepEqual([unlike.code, unlike.out], [exitCodes.misuse, '']);
  t.regex(unlike.err, /"speed" is none[^]*kernel is 6\.12\.0 in .* and 6\.99 in [^]*cpu-model is sample/);
  t.is(text.code, exitCodes.missed, text.err);
  t.regex(text.out, /Compared: worse[^]*5 runs against 5, in pairs[^]*p99 at stage 0 \(120\)/);
});

test('history: two that add at once, then the list', async (t) => {
  const adding = await Promise.all([
    plimsoll('history', 'add', ...base.slice(0, 2), '--arm', 'reference', '--json'),
    plimsoll('history', 'add', ...slow.slice(0, 2), '--commit', '0123abcd', '--json'),
  ]);
  for (const { code, err } of adding) t.is(code, exitCodes.done, err);
  const listed = await plimsoll('history', 'list', '--metric', 'p99', '--json');
  t.is(listed.code, exitCodes.done, listed.err);
  t.like(JSON.parse(listed.out), {
    schema: 'plimsoll/history-list/1',
    runs: [
      { run: base[0], arm: 'reference', commit: null, validity: { status: 'ok' }, stage: { index: 0, load: 120 } },
      { run: slow[0], arm: 'candidate', commit: '0123abcd' },
      { run: base[1] },
      { run: slow[1] },
    ],
    warnings: [],
  });
});

const policy = `policy: sample
evidence: { steady: 30s, max-age: any, profiles: [] }
objectives:
  - p99<50ms
relative:
  - metric: p99
    worse-by: 10%
  - metric: cpu-per-request
    worse-by: 10%
`;

test('gate: pass 0, missed 1, nothing to compare with 4, misuse 2; JUnit, summary and annotations', async (t) => {
  await writeFile(join(folder, 'gate.yml'), policy);
  await writeFile(join(folder, 'wrong.yml'), 'policy: x\nobjectives: [p99<5]\n');
  const outputs = ['--junit', 'gate.xml', '--markdown', 'gate.md', '--annotations'];
  const [pass, missed, open, wrong] = await Promise.all([
    plimsoll('gate', ...base, '--reference', ...slow, '--policy', 'gate.yml', '--json'),
    plimsoll('gate', ...slow, '--reference', ...base, '--policy', 'gate.yml', ...outputs),
    plimsoll('gate', ...base, '--policy', 'gate.yml', '--json'),
    plimsoll('gate', base[0] ?? '', 'nowhere', '--policy', 'wrong.yml', '--json'),
  ]);
  t.is(pass.code, exitCodes.done, pass.out + pass.err);
  t.like(JSON.parse(pass.out), { schema: 'plimsoll/gate/1', verdict: { status: 'pass', score: 1 } });
  t.is(missed.code, exitCodes.missed, missed.err);
  t.regex(missed.out, /Gate sample: failed[^]*::error file=gate\.yml,line=6,title=relative p99::stage 0: p99 × 1\.2/);
  t.regex(await readFile(join(folder, 'gate.xml'), 'utf8'), /failures="2" errors="0"/);
  t.regex(await readFile(join(folder, 'gate.md'), 'utf8'), /^# Gate sample: failed/);
  t.is(open.code, exitCodes.inconclusive, open.err);
  t.like(JSON.parse(open.out), { verdict: { status: 'inconclusive' } });
  t.deepEqual([wrong.code, wrong.out], [exitCodes.misuse, '']);
  t.regex(wrong.err, /wrong\.yml:2 objectives\[0\]: "5" is not a duration[^]*there is no run "nowhere"/);
});
