import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { RecordedTrial } from '../../analysis/search/search-figures.ts';
import { buildRunRecord } from '../../fixtures/records/build-run-record.ts';
import type { Plan } from '../../model/plan.ts';
import { epochMilliseconds, perSecond, seconds } from '../../model/units.ts';
import { UnreadableRun } from '../../runners/store/unreadable-run.ts';
import { Reasons } from '../../scenarios/reasons.ts';
import { makeSearchFolder, openSearchFolder, readSearchFolder } from './search-folder.ts';
import { searchFlagDefaults, searchOptions } from './search-options.ts';

const { plan } = buildRunRecord({ stages: [{ rate: 1, seconds: 1 }], name: 'orders' });
const options = searchOptions({ ...searchFlagDefaults, certify: true }, new Reasons());

async function made(t: ExecutionContext, of: Plan = plan) {
  const runs = await mkdtemp(join(tmpdir(), 'plimsoll-test-'));
  t.teardown(() => rm(runs, { recursive: true, force: true }));
  const startedAt = epochMilliseconds(Date.UTC(2026, 10, 21, 9, 13));
  const folder = await makeSearchFolder(runs, { startedAt, plan: of, requestsModule: null, options });
  return { runs, folder };
}

const trial: RecordedTrial = {
  search: 0,
  purpose: 'overload',
  rate: perSecond(50),
  duration: seconds(4),
  shares: [[{ hits: 1, trials: 150 }]],
  completedRate: perSecond(49.5),
  valid: true,
  reasons: [],
  run: '20261121-091305-orders-0001',
  target: 0,
};

test('a search is read as it was written; a line that was cut is dropped', async (t) => {
  const { runs, folder } = await made(t);
  await folder.add(trial);
  await folder.add({ ...trial, rate: perSecond(100) });
  t.is(folder.trials.length, 2);
  const lines = join(folder.path, 'trials.jsonl');
  const whole = await readFile(lines, 'utf8');
  await appendFile(lines, '{"search":0,"purp');
  await folder.release();
  t.deepEqual((await readSearchFolder(folder.path)).trials, folder.trials);
  t.not(await readFile(lines, 'utf8'), whole, 'reading changes nothing');
  const again = await openSearchFolder('last', runs);
  t.is(await readFile(lines, 'utf8'), whole);
  t.deepEqual(again.search, folder.search);
  t.deepEqual(again.trials, folder.trials);
  t.deepEqual(again.search.options, options);
  await again.add(trial);
  t.is(await readFile(lines, 'utf8'), `${whole}${JSON.stringify(trial)}\n`);
});

test('a search is found by its id, the beginning of one, its folder, or as the last', async (t) => {
  const { runs, folder } = await made(t);
  await folder.release();
  for (const argument of [folder.search.id, '20261121-09', folder.path, `${folder.search.id}.search`, 'last']) {
    const again = await openSearchFolder(argument, runs);
    t.is(again.path, folder.path, argument);
    await again.release();
  }
  for (const argument of ['2025', '', 'no-such'])
    await t.throwsAsync(openSearchFolder(argument, runs), { instanceOf: UnreadableRun }, argument);
  await appendFile(join(folder.path, 'trials.jsonl'), '{"search":"first"}\n');
  await t.throwsAsync(openSearchFolder('last', runs), { instanceOf: UnreadableRun, message: /trials\.jsonl/ });
});

test('only one at a time works in a search, from its beginning on', async (t) => {
  const { runs, folder } = await made(t);
  const inUse = {
    instanceOf: UnreadableRun,
    message: `the search ${folder.search.id} is in use by process ${process.pid}`,
  };
  await t.throwsAsync(openSearchFolder('last', runs), inUse);
  await folder.release();
  const again = await openSearchFolder('last', runs);
  await t.throwsAsync(openSearchFolder('last', runs), inUse);
  await appendFile(join(folder.path, 'trials.jsonl'), '{"search":"first"}\n');
  await again.release();
  // What cannot be read is not left locked.
  for (let time = 0; time < 2; time++)
    await t.throwsAsync(openSearchFolder('last', runs), { message: /trials\.jsonl is not as plimsoll writes it/ });
});

test('what is secret is not written, and that it is missing is known', async (t) => {
  t.false((await made(t)).folder.search.planIsCut);
  const url = 'postgres://user:secret-word@host/db';
  const launched: Plan = {
    ...plan,
    target: {
      kind: 'launch',
      url: null,
      readyPath: null,
      readyTimeoutMs: seconds(10),
      command: ['orders'],
      workingDirectory: '/',
      environment: { DATABASE_URL: url },
      listeningPattern: 'on (.*)',
      limits: { memoryBytes: null, cpus: null },
    },
  };
  const { folder } = await made(t, launched);
  t.true(folder.search.planIsCut);
  t.notRegex(await readFile(join(folder.path, 'search.json'), 'utf8'), /secret-word/);
});
