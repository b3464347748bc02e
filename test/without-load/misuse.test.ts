import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { buildRunRecord } from '../../fixtures/records/build-run-record.ts';
import { packageRoot } from '../../runners/package-root.ts';
import { saveRun } from '../../runners/store/save-run.ts';
import { CommandLines } from '../command-lines.ts';

/*
 * What cannot be carried out as it was typed: exit 2 before anything begins, everything that is wrong at once, each with
 * a way out, and nothing on standard output.
 */
const program = new CommandLines();
test.after.always(() => program.end());

async function folder(t: ExecutionContext): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'plimsoll-test-'));
  t.teardown(() => rm(made, { recursive: true, force: true }));
  return made;
}

type Case = readonly [args: readonly string[], reasons: readonly RegExp[]];

/** @returns the lines of standard error */
async function refused(t: ExecutionContext, args: readonly string[], reasons: readonly RegExp[]): Promise<string[]> {
  const { code, out, err } = await program.run(args);
  const typed = args.join(' ');
  t.is(code, 2, `${typed}: ${err}`);
  t.is(out, '', typed);
  t.notRegex(err, /^\s+at /m, typed);
  for (const reason of reasons) t.regex(err, reason, typed);
  return err.trimEnd().split('\n');
}

/** Refuses each of them, every reason in a line of its own. */
async function allRefused(t: ExecutionContext, cases: readonly Case[]): Promise<void> {
  for (const [args, reasons] of cases)
    for (const line of await refused(t, [...args, '--json'], reasons)) t.regex(line, /^plimsoll: .+\(.+\)$/);
}

test('misuse of flags is exit 2 with a way out', async (t) => {
  const cases: readonly Case[] = [
    [['run', 'http://127.0.0.1:1'], [/--rate/]],
    [['run', 'http://127.0.0.1:1', '--rate', '0'], [/rate of 0/]],
    [['run', 'http://127.0.0.1:1', '--rate', '10', '--hold', '30'], [/30s/]],
    [['run', 'http://127.0.0.1:1', '--rate', '10', '--users', '5'], [/--users/]],
    [['run', 'https://127.0.0.1:1', '--rate', '10', '--engine', 'autocannon'], [/certificates.*k6/]],
    [['run', 'http://127.0.0.1:1', '--rate', '10', '--objective', 'p99<200'], [/unit|duration/]],
    [['run', 'nothing.ts', '--rate', '10'], [/neither a URL nor/]],
    [['run', 'http://127.0.0.1:1', '--rat', '10'], [/rat/]],
    [['sail'], [/sail/]],
    [['analyze', 'no-such-run'], [/no-such-run/]],
    [['report', 'last', '--format', 'pdf'], [/format/]],
  ];
  const runs = await folder(t);
  for (const [args, reasons] of cases) await refused(t, [...args, '--runs', runs], reasons);
  await refused(t, [], [/demo/]);
});

test('mistakes of flags and of what they say come together, one line each', async (t) => {
  const args = ['run', 'http://127.0.0.1:1', '--rat', '5', '--rate', '0', '--engine', 'k7', '--objective', 'p99<200'];
  const lines = await refused(t, [...args, '--requests', 'gone.jsonl', '--json'], []);
  for (const [index, expected] of [
    /--rat: .*\(did you mean --rate\?\)$/,
    /--engine: "k7" is not one of auto, autocannon, k6 \(did you mean k6\?\)$/,
    /--requests: cannot read .*gone\.jsonl: no such file or directory \(/,
    /--rate: a rate of 0/,
    /--objective: "200" is not a duration/,
  ].entries())
    t.regex(lines[index] ?? '', expected);
  t.is(lines.length, 5, lines.join('\n'));
});

test('an edited, a missing and a foreign run folder are each one line and exit 2', async (t) => {
  const run = await saveRun(buildRunRecord({ stages: [{ rate: 50, seconds: 3 }] }), await folder(t), () => null);
  const record = await readFile(join(run, 'run.json'), 'utf8');
  await writeFile(join(run, 'run.json'), record.replace('"name"', '"nam"'));
  const edited = await refused(t, ['analyze', run], [/run\.json was changed after the run was written/]);
  await writeFile(join(run, 'run.json'), record);
  t.is((await program.run(['analyze', run])).code, 0, 'as it was');
  await rm(join(run, 'traffic.jsonl.gz'));
  const missing = await refused(t, ['analyze', run], [/traffic\.jsonl\.gz/]);
  const foreign = await refused(t, ['analyze', packageRoot()], []);
  for (const lines of [edited, missing, foreign]) t.is(lines.length, 1, lines.join('\n'));
});

test('misuse of search', async (t) => {
  const url = 'http://127.0.0.1:1';
  await allRefused(t, [
    [['search'], [/needs <scenario>.*--resume/]],
    [['search', url], [/--objective.*nothing to search for/]],
    [
      ['search', url, '--objective', 'p99<1s', '--objective', 'rss<1GiB', '--from', '9', '--to', '5', '--trial', '1s'],
      [/rss is no share.*plimsoll run/, /--from: 9 is above --to 5/, /--trial: 1s is too short/],
    ],
    [
      ['search', url, '--objective', 'p99<1s', '--repeats', '0', '--budget', '5'],
      [/--repeats/, /--budget.*15m|5m/],
    ],
    [['search', '--resume', 'no-such-search', '--runs', '/nonexistent'], [/no search "no-such-search"/]],
  ]);
});

/** A scenario with a setting that can be varied; `target` is added to what launches its service. */
async function scenario(t: ExecutionContext, target: object = {}): Promise<string> {
  const launched = { launch: ['./service', '{{limit}}'], settings: { limit: 500 }, ...target };
  const file = join(await folder(t), 'bounded.ts');
  const load = { stages: [{ hold: 300, for: '3s' }] };
  const written = { name: 'bounded', target: launched, traffic: { endpoints: [{ path: '/' }] }, load };
  await writeFile(file, `export default ${JSON.stringify(written)};\n`);
  return file;
}

test('misuse of sweep', async (t) => {
  const file = await scenario(t);
  const attached = await scenario(t, { launch: undefined, settings: undefined, url: 'http://127.0.0.1:1' });
  await allRefused(t, [
    [['sweep'], [/needs <scenario>.*--resume/]],
    [['sweep', 'http://127.0.0.1:1', '--vary', 'GOGC=50,100'], [/a URL is a service that somebody else started/]],
    [['sweep', attached, '--vary', 'GOGC=50,100'], [/target: .*started by somebody else \(.*launch/]],
    [['sweep', file], [/--vary.*GOGC=50,100,200/]],
    [
      ['sweep', file, '--vary', 'limmit=1,2', '--vary', 'GOGC=5', '--repeats', '0', '--wait-objective', 'p99<1ms'],
      [/did you mean limit\?/, /GOGC has a single value/, /--repeats/, /--wait-objective: goes with --design adaptive/],
    ],
    [
      ['sweep', file, '--design', 'adaptive', '--vary', 'limit=1,2', '--verify'],
      [/--vary: "limit=1,2" is no range/, /--verify/, /--wait-objective: is missing \(.*mean<5ms/],
    ],
    [
      ['sweep', file, '--design', 'adaptive', '--vary', 'limit=1..9', '--vary', 'GOGC=1..9'],
      [/looks for one size/, /--wait-objective/],
    ],
    [['sweep', '--resume', 'no-such-sweep', '--runs', '/nonexistent'], [/no sweep "no-such-sweep"/]],
  ]);
});
