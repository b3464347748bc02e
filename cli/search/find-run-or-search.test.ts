import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { UnreadableRun } from '../../runners/store/unreadable-run.ts';
import { type Found, findRunOrSearch } from './find-run-or-search.ts';

const run = '20261121-091300-orders-0001';
const search = '20261121-091400-orders-0002';
const later = '20261122-091500-orders-0003';

/** Folders that look like these; what is in them is not read here. */
async function folders(t: ExecutionContext, runs: readonly string[], searches: readonly string[]): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'plimsoll-test-'));
  t.teardown(() => rm(directory, { recursive: true, force: true }));
  const files = [...runs.map((id) => [id, 'run.json']), ...searches.map((id) => [`${id}.search`, 'search.json'])];
  for (const [name = '', file = ''] of files) {
    await mkdir(join(directory, name));
    await writeFile(join(directory, name, file), '{}');
  }
  return directory;
}

test('by id, the beginning of one, folder, or as the last; a run of the same directory is still found', async (t) => {
  const directory = await folders(t, [run, later], [search]);
  const found = (argument: string): Promise<Found> => findRunOrSearch(argument, directory);
  const there = { kind: 'search', folder: join(directory, `${search}.search`) } as const;
  for (const argument of [search, `${search}.search`, there.folder, '20261121-0914'])
    t.deepEqual(await found(argument), there);
  for (const argument of [run, join(directory, run), '20261121-0913'])
    t.deepEqual(await found(argument), { kind: 'run', folder: join(directory, run) });
  t.is((await found('last')).kind, 'run');
  for (const argument of ['20261121', '2026'])
    await t.throwsAsync(found(argument), { instanceOf: UnreadableRun, message: /could be any of .*0001, .*0002/ });
  for (const argument of ['', 'nothing', directory])
    await t.throwsAsync(found(argument), { instanceOf: UnreadableRun });
});

test('the last is the newest of both', async (t) => {
  t.deepEqual(await findRunOrSearch('last', await folders(t, [run], [search])).then(({ kind }) => kind), 'search');
  t.deepEqual(await findRunOrSearch('last', await folders(t, [], [search])).then(({ kind }) => kind), 'search');
  await t.throwsAsync(findRunOrSearch('last', await folders(t, [], [])), { message: /there is no run in/ });
});
