import { cp, mkdtemp, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { nextTrial } from '../../analysis/search/next-trial.ts';
import { observeTrial } from '../../analysis/search/observe-trial.ts';
import { testOf } from '../../analysis/sign-off/tested-run.ts';
import { safeRate } from '../../analysis/sign-off/safe-rate.ts';
import { buildRunRecord } from '../../fixtures/records/build-run-record.ts';
import { signOffRuns } from '../../fixtures/records/sign-off-runs.ts';
import type { Objective } from '../../model/objective.ts';
import { epochMilliseconds, inSeconds, percent } from '../../model/units.ts';
import { runId } from '../../runners/store/run-id.ts';
import { saveRun } from '../../runners/store/save-run.ts';
import { UnreadableRun } from '../../runners/store/unreadable-run.ts';
import { Reasons } from '../../scenarios/reasons.ts';
import { makeSearchFolder } from '../search/search-folder.ts';
import { orderOf, searchFlagDefaults, searchOptions, shareObjectives } from '../search/search-options.ts';
import { readTestedRuns } from './read-tested-runs.ts';

async function emptyFolder(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-test-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

const soak = buildRunRecord(signOffRuns.peakSoak);

test('what is read are copies; one that is given twice counts once, a partial one is no complete one', async (t) => {
  const folder = await emptyFolder(t);
  const saved = await saveRun(soak, join(folder, 'runs'), () => null);
  const artifacts = join(folder, 'artifacts');
  const [run, ...others] = await readTestedRuns([soak.id, saved, 'last'], join(folder, 'runs'), artifacts, null);
  t.deepEqual(others, []);
  t.like(run, { id: soak.id, search: null, folder: `runs/${soak.id}` });
  const files = (await readdir(saved)).filter((name) => name !== 'profiles');
  t.deepEqual(await readdir(join(artifacts, 'runs', soak.id)), files, 'an empty folder is none of them');

  await cp(saved, `${saved}.partial`, { recursive: true });
  await rm(join(`${saved}.partial`, 'manifest.json'));
  const text = JSON.stringify({ ...JSON.parse(await readFile(join(saved, 'run.json'), 'utf8')), state: 'partial' });
  await writeFile(join(`${saved}.partial`, 'run.json'), text);
  const [partial] = await readTestedRuns([`${saved}.partial`], join(folder, 'runs'), join(folder, 'more'), null);
  t.is(partial?.analysis.outcome.status, 'aborted');
  t.is(partial?.analysis.verdict.status, 'inconclusive');
});

test('a changed run, one with a link in it, and two of one name are refused', async (t) => {
  const folder = await emptyFolder(t);
  const runs = join(folder, 'runs');
  const saved = await saveRun(soak, runs, () => null);
  const read = (names: readonly string[], to: string) => readTestedRuns(names, runs, join(folder, to), null);
  await cp(saved, join(folder, 'elsewhere', soak.id), { recursive: true });
  await t.throwsAsync(read([saved, join(folder, 'elsewhere', soak.id)], 'a'), {
    instanceOf: UnreadableRun,
    message: /two runs called/,
  });
  await symlink('/etc/hostname', join(saved, 'host'));
  await t.throwsAsync(read([saved], 'b'), { instanceOf: UnreadableRun, message: /is not a file/ });
  await rm(join(saved, 'host'));
  await writeFile(join(saved, 'plan.json'), '{}');
  await t.throwsAsync(read([saved], 'c'), { instanceOf: UnreadableRun, message: /plan\.json/ });
});

/** A service that refuses what is beyond 150 requests a second; one in ten may be refused. */
const mostPerSecond = 150;
const objectives: readonly Objective[] = [{ kind: 'shed', endpoint: null, comparison: '<', limit: percent(10) }];
const startedAt = epochMilliseconds(Date.UTC(2026, 10, 21, 9, 13));
const { plan } = buildRunRecord({ name: 'bounded', objectives, stages: [{ rate: 1, seconds: 1 }] });
const flags = { ...searchFlagDefaults, certify: true, trial: '4s', budget: '3m', from: '100' };

/** The search as the loop makes it, but for the service, which is a sum; no more than `most` trials. */
async function searchedIn(runs: string, most: number): Promise<string> {
  const options = searchOptions(flags, new Reasons());
  const folder = await makeSearchFolder(runs, { startedAt, plan, requestsModule: null, options });
  for (let trial = 0; trial < most; trial++) {
    const next = nextTrial(folder.trials, orderOf(plan, options));
    if (next.kind === 'done') break;
    const { search, purpose, rate, duration } = next;
    const shed = Math.max(0, 1 - mostPerSecond / rate);
    const stages = [{ rate, seconds: inSeconds(duration), shed }];
    const record = buildRunRecord({ name: 'bounded', seed: trial, objectives, stages });
    const id = runId('bounded', startedAt, trial.toString(16).padStart(4, '0'));
    await saveRun({ ...record, id }, folder.runsDirectory, () => null);
    const seen = observeTrial(record, shareObjectives(plan), purpose);
    await folder.add({ search, purpose, rate, duration, ...seen, run: id, target: 0 });
  }
  await folder.release();
  return folder.path;
}

test('a search that is over gives the safe rate by its certificate; one that was broken off gives none', async (t) => {
  const folder = await emptyFolder(t);
  const whole = await searchedIn(join(folder, 'whole'), Infinity);
  const [search, ...others] = await readTestedRuns([whole], join(folder, 'whole'), join(folder, 'a'), null);
  t.deepEqual(others, []);
  t.is(search === undefined ? null : testOf(search), 'search-certificate');
  t.is(search?.search?.certificate?.result, 'pass', JSON.stringify(search?.search?.reasons));
  const safe = search === undefined ? null : safeRate([search]);
  // 150/s are done of the rate r, so 1 − 150 / r of them are refused: a tenth at 167/s.
  t.true(safe !== null && safe.low > 120 && safe.estimate <= 170, JSON.stringify(safe));

  const cut = await searchedIn(join(folder, 'cut'), 2);
  const [broken] = await readTestedRuns([cut], join(folder, 'cut'), join(folder, 'b'), null);
  t.is(broken?.analysis.outcome.status, 'aborted');
  t.is(broken === undefined ? null : safeRate([broken]), null);
});
