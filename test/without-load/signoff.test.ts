import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { z } from 'zod';
import { buildRunRecord } from '../../fixtures/records/build-run-record.ts';
import { signOffRuns } from '../../fixtures/records/sign-off-runs.ts';
import type { EndedProgram } from '../../fixtures/run-program.ts';
import { checkIds, neverWaived } from '../../model/sign-off.ts';
import { saveRun } from '../../runners/store/save-run.ts';
import { CommandLines } from '../command-lines.ts';

const program = new CommandLines();
test.after.always(() => program.end());

const document = z.object({
  schema: z.literal('plimsoll/signoff-make/1'),
  file: z.string(),
  report: z.string(),
  signOff: z.object({
    verdict: z.string(),
    checklist: z.array(z.object({ id: z.string(), status: z.string(), evidence: z.string() })),
    artifacts: z.array(z.object({ name: z.string() })),
  }),
});

const verification = z.object({
  schema: z.literal('plimsoll/signoff-verify/1'),
  status: z.string(),
  verdict: z.string().nullable(),
  refusals: z.array(z.object({ code: z.string(), where: z.string().nullable() })),
});

test('a key, a sign-off of runs, its verification, and what an altered byte does', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-test-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const plimsoll = (...args: readonly string[]): Promise<EndedProgram> => program.run(args, folder);
  const runs = Object.values(signOffRuns).map((description, index) => ({
    ...buildRunRecord(description),
    id: `20261121-091300-run-000${index}`,
  }));
  for (const run of runs) await saveRun(run, join(folder, '.plimsoll/runs'), () => null);
  const policy = 'policy: orders\nevidence: { steady: 5s, metrics: false, profiles: [] }\nobjectives: [p90<200ms]\n';
  await writeFile(join(folder, 'policy.yaml'), policy);
  await writeFile(join(folder, 'no-policy.yaml'), 'anything\n');
  await writeFile(join(folder, 'orders'), 'a binary');

  const key = await plimsoll('signoff', 'key', '--out', 'key', '--json');
  t.is(key.code, 0, key.err);
  t.like(JSON.parse(key.out), {
    schema: 'plimsoll/signoff-key/1',
    privateKeyFile: 'key.pem',
    publicKeyFile: 'key.pub.pem',
  });
  t.is((await stat(join(folder, 'key.pem'))).mode & 0o077, 0, 'a private key is its owner’s alone');
  t.is((await plimsoll('signoff', 'key', '--out', 'key')).code, 2, 'a key is not written over');

  // As the contract has it: what is not said is named, and is no pass.
  const signed = ['--policy', 'policy.yaml', '--target', '300/s', '--key', 'key.pem'];
  const bare = await plimsoll('signoff', 'make', 'last', ...signed, '--out', 'bare.json', '--json');
  t.is(bare.code, 4, bare.err);
  const named = document.parse(JSON.parse(bare.out));
  t.is(named.file, 'bare.json');
  t.is(named.signOff.verdict, 'INCONCLUSIVE');
  t.true(named.signOff.checklist.some(({ id, evidence }) => id === 'spike' && evidence.startsWith('missing')));
  t.is((await plimsoll('signoff', 'verify', 'bare.json', '--key', 'key.pub.pem')).code, 4);
  t.is((await plimsoll('signoff', 'make', 'last', ...signed, '--out', 'bare.json')).code, 2, 'nor is a sign-off');

  // However old the runs are when this test is run: all that may be waived is.
  const expires = new Date(Date.now() + 86_400_000).toISOString();
  const waivable = checkIds.filter((id) => !neverWaived.includes(id));
  const waivers = waivable.map((scope) => ({ owner: 'Ada', reason: 'a test', scope, expires }));
  await writeFile(join(folder, 'waivers.json'), JSON.stringify(waivers));
  const planned = '--target-source forecast --target-date 2026-11-01 --instances 4 --soak-for 10s'.split(' ');
  const answered = '--approver Ada --subject orders --waivers waivers.json --service <orders> --out out'.split(' ');
  const ids = runs.map(({ id }) => id);
  const whole = await plimsoll('signoff', 'make', ...ids, ...signed, ...planned, ...answered);
  t.is(whole.code, 0, whole.out + whole.err);
  t.regex(whole.out, /soak at the peak[^]*PASS: it carries 300\/s with 4 instances/);
  const html = await readFile(join(folder, 'out/signoff.artifacts/report.html'), 'utf8');
  t.regex(html, /&lt;orders&gt;: capacity sign-off/);
  t.notRegex(html, /<orders>|<script/);
  t.regex(html, /@media print/);
  t.regex(
    await readFile(join(folder, 'out/signoff.artifacts/report.md'), 'utf8'),
    /^# &lt;orders&gt;: capacity sign-off/,
  );

  const verify = async (...more: readonly string[]) => {
    const { code, out, err } = await plimsoll('signoff', 'verify', 'out', '--json', ...more);
    t.regex(out, /^\{/, err);
    return { code, ...verification.parse(JSON.parse(out)) };
  };
  t.like(await verify('--key', 'key.pub.pem', '--subject', 'orders'), {
    code: 0,
    status: 'valid',
    verdict: 'PASS',
    refusals: [],
  });
  t.like(await verify(), { code: 4, status: 'unverified' });
  t.like(await verify('--key', 'key.pub.pem', '--forecast', '301/s'), { code: 1, status: 'refused' });
  await writeFile(join(folder, 'out/signoff.artifacts/policy/policy.yaml'), policy.replace('90', '99'));
  t.deepEqual(
    (await verify('--key', 'key.pub.pem')).refusals.map(({ code, where }) => [code, where]),
    [['altered', 'policy/policy.yaml']],
  );

  await mkdir(join(folder, 'empty'));
  for (const args of [
    ['make'],
    ['make', 'last', '--key', 'key.pub.pem', '--target', '0/s'],
    ['make', 'last', '--key', 'key.pem', '--target', '300/s', '--policy', 'no-policy.yaml', '--out', 'none'],
    ['verify', 'empty', '--key', 'key.pub.pem'],
    ['verify', 'policy.yaml', '--key', 'key.pub.pem'],
    ['verify', 'out', '--key', 'policy.yaml'],
  ]) {
    const refused = await plimsoll('signoff', ...args, '--json');
    t.is(refused.code, 2, args.join(' '));
    t.is(refused.out, '');
  }
});

/** What is in the files of scenarios/catalog for the tests of a sign-off: file, what it exports, the kinds of its stages. */
const scenarios = [
  ['peak-soak', 'peakSoak', 'warm-up hold'],
  ['spike', 'spike', 'warm-up hold ramp hold ramp hold'],
  ['instance-lost', 'instanceLost', 'warm-up hold hold'],
  ['slow-dependency', 'slowDependency', 'warm-up hold'],
  ['restart', 'restart', 'warm-up hold ramp hold'],
  ['water-level', 'waterLevel', `warm-up ${'hold '.repeat(10).trim()}`],
] as const;

const plan = z.object({
  schema: z.literal('plimsoll/plan/1'),
  name: z.string(),
  loadProfile: z.object({ stages: z.array(z.object({ kind: z.string() })) }),
});

test('the ready scenarios of its tests can be planned, and are called as they are recognised', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-test-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, 'package.json'), '{"type": "module"}');
  for (const [file, name, kinds] of scenarios) {
    const module = new URL(`../../scenarios/catalog/${file}.ts`, import.meta.url).pathname;
    const options = { target: { launch: ['./group-buy'] }, peak: 300, instances: 4 };
    const text = `import { ${name} } from ${JSON.stringify(module)};\nexport default ${name}(${JSON.stringify(options)});\n`;
    await writeFile(join(folder, `${file}.ts`), text);
    const { code, out, err } = await program.run(['plan', `${file}.ts`, '--json'], folder);
    t.is(code, 0, err);
    const planned = plan.parse(JSON.parse(out));
    t.is(planned.name, file);
    t.is(planned.loadProfile.stages.map(({ kind }) => kind).join(' '), kinds);
  }
});
