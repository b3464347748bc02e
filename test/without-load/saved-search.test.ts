import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { z } from 'zod';
import { nextTrial } from '../../analysis/search/next-trial.ts';
import { observeTrial } from '../../analysis/search/observe-trial.ts';
import { type SearchFolder, makeSearchFolder } from '../../cli/search/search-folder.ts';
import { orderOf, searchFlagDefaults, searchOptions, shareObjectives } from '../../cli/search/search-options.ts';
import { buildRunRecord } from '../../fixtures/records/build-run-record.ts';
import type { EndedProgram } from '../../fixtures/run-program.ts';
import type { Objective } from '../../model/objective.ts';
import { epochMilliseconds, inSeconds, percent } from '../../model/units.ts';
import { runId } from '../../runners/store/run-id.ts';
import { saveRun } from '../../runners/store/save-run.ts';
import { Reasons } from '../../scenarios/reasons.ts';
import { CommandLines } from '../command-lines.ts';

/** A service that refuses what is beyond 150 requests a second; one in ten may be refused. */
const mostPerSecond = 150;
const objectives: readonly Objective[] = [{ kind: 'shed', endpoint: null, comparison: '<', limit: percent(10) }];
const startedAt = epochMilliseconds(Date.UTC(2026, 10, 21, 9, 13));
const { plan } = buildRunRecord({ name: 'bounded', objectives, stages: [{ rate: 1, seconds: 1 }] });
const options = searchOptions(
  { ...searchFlagDefaults, certify: false, trial: '4s', budget: '3m', from: '100' },
  new Reasons(),
);

async function runsDirectory(t: ExecutionContext): Promise<string> {
  const runs = await mkdtemp(join(tmpdir(), 'plimsoll-test-'));
  t.teardown(() => rm(runs, { recursive: true, force: true }));
  return runs;
}

/** The search as the loop makes it, but for the service, which is a sum; `most`: not more trials than that. */
async function searchedIn(runs: string, most: number): Promise<SearchFolder> {
  const folder = await makeSearchFolder(runs, { startedAt, plan, requestsModule: null, options });
  for (let trial = 0; trial < most; trial++) {
    const next = nextTrial(folder.trials, orderOf(plan, options));
    if (next.kind === 'done') break;
    const { search, purpose, rate, duration } = next;
    const record = buildRunRecord({
      name: 'bounded',
      seed: trial,
      objectives,
      stages: [{ rate, seconds: inSeconds(duration), shed: Math.max(0, 1 - mostPerSecond / rate) }],
    });
    const id = runId('bounded', startedAt, trial.toString(16).padStart(4, '0'));
    await saveRun({ ...record, id }, folder.runsDirectory, () => null);
    const seen = observeTrial(record, shareObjectives(plan), purpose);
    await folder.add({ search, purpose, rate, duration, ...seen, run: id, target: 0 });
  }
  await folder.release();
  return folder;
}

const program = new CommandLines();
test.after.always(() => program.end());
const plimsoll = (runs: string, ...args: readonly string[]): Promise<EndedProgram> =>
  program.run([...args, '--runs', runs]);

const documentShape = z.object({
  schema: z.literal('plimsoll/analyze/1'),
  runs: z.array(z.string()),
  outcome: z.object({ status: z.string() }),
  capacity: z.object({ waterLevelPerSecond: z.object({ low: z.number() }).nullable() }),
  search: z.object({ status: z.string(), probes: z.array(z.unknown()) }),
});

test('analyze and report of a search that is over: what was found, and every trial', async (t) => {
  const runs = await runsDirectory(t);
  const { path, search, trials } = await searchedIn(runs, Infinity);
  const analyzed = await plimsoll(runs, 'analyze', search.id, '--json');
  t.true(analyzed.code === 0 || analyzed.code === 4, analyzed.err);
  const document = documentShape.parse(JSON.parse(analyzed.out));
  t.is(document.outcome.status, 'completed');
  t.is(document.search.status, 'found');
  t.is(document.search.probes.length, trials.length);
  t.deepEqual(
    document.runs,
    trials.map(({ run }) => run),
  );
  const level = document.capacity.waterLevelPerSecond?.low ?? 0;
  t.true(level > 120 && level < 170, `${level}`);
  t.is(await readFile(join(path, 'analysis.json'), 'utf8'), analyzed.out);
  t.regex(await readFile(join(path, 'report.html'), 'utf8'), /Every trial/);

  const before = await readdir(path);
  for (const argument of [path, `${search.id}.search`, '20261121-0913', 'last']) {
    const { code, out, err } = await plimsoll(runs, 'report', argument, '--format', 'md');
    t.is(code, 0, err);
    t.regex(out, /bounded: search[^]*Every trial, with the share/, argument);
  }
  const json = await plimsoll(runs, 'report', path, '--format', 'json');
  t.deepEqual(documentShape.parse(JSON.parse(json.out)), document);
  t.deepEqual(await readdir(path), before, 'a report writes nothing');

  const inside = await plimsoll(runs, 'report', join(path, 'runs', trials[0]?.run ?? ''), '--format', 'md');
  t.is(inside.code, 0, inside.err);
  t.notRegex(inside.out, /Every trial/);
});

test('a search that was broken off: so far, and how to go on; without a trial nothing is told', async (t) => {
  const runs = await runsDirectory(t);
  const { path, search } = await searchedIn(runs, 2);
  const { code, out, err } = await plimsoll(runs, 'analyze', path);
  t.is(code, 4, err);
  t.regex(out, /the search is not finished/);
  t.regex(err, new RegExp(`the search is not over: plimsoll search --resume ${search.id} goes on with it`));

  const empty = await runsDirectory(t);
  const none = await searchedIn(empty, 0);
  for (const verb of ['analyze', 'report']) {
    const refused = await plimsoll(empty, verb, none.path);
    t.is(refused.code, 2);
    t.regex(refused.err, /^plimsoll: the search \S+ has no trial yet, so there is nothing to tell \(.+--resume.+\)\n$/);
  }
});

test('two processes cannot go on with one search at once', async (t) => {
  const runs = await runsDirectory(t);
  const held = await makeSearchFolder(runs, { startedAt, plan, requestsModule: null, options });
  const { code, out, err } = await plimsoll(runs, 'search', '--resume', 'last', '--json');
  t.is(code, 2);
  t.is(out, '');
  t.regex(err, new RegExp(`^plimsoll: the search ${held.search.id} is in use by process ${process.pid} \\(.+\\)\n$`));
  await held.release();
  t.deepEqual((await readdir(held.path)).toSorted(), ['runs', 'search.json', 'trials.jsonl']);
});

test('any other folder is refused as before', async (t) => {
  const runs = await runsDirectory(t);
  const other = join(runs, 'other');
  await writeFile(other, 'a file');
  for (const argument of [other, runs])
    t.is(
      (await plimsoll(runs, 'report', argument)).err,
      `plimsoll: ${resolve(argument)} is not a run folder (a run folder holds run.json)\n`,
    );
  t.regex((await plimsoll(runs, 'analyze', 'nothing')).err, /^plimsoll: there is no run "nothing" in /);
});
