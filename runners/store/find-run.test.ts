import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { findRun } from './find-run.ts';
import { listRuns } from './list-runs.ts';
import { UnreadableRun } from './unreadable-run.ts';

const ids = [
  '20261121-091300-stair-0001',
  '20261121-091300-stair-0a02',
  '20261120-235959-nightly-0003',
  '20261121-091259-stair-0004.partial',
];

async function runs(t: ExecutionContext, names: readonly string[] = ids): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-runs-'));
  t.teardown(async () => rm(folder, { recursive: true, force: true }));
  for (const [index, name] of names.entries()) {
    await mkdir(join(folder, name));
    await writeFile(join(folder, name, 'run.json'), JSON.stringify({ startedAt: 1_000 - index }));
  }
  await writeFile(join(folder, 'history.jsonl'), '');
  await mkdir(join(folder, 'other'));
  return folder;
}

test('listed by start, partial ones marked, foreign entries left out', async (t) => {
  const folder = await runs(t);
  t.deepEqual(
    (await listRuns(folder)).map(({ id, partial }) => [id, partial]),
    [
      ['20261120-235959-nightly-0003', false],
      ['20261121-091259-stair-0004', true],
      ['20261121-091300-stair-0001', false],
      ['20261121-091300-stair-0a02', false],
    ],
  );
  t.deepEqual(await listRuns(join(folder, 'nowhere')), []);
});

test('by id, by unique beginning, by folder, by "last"', async (t) => {
  const folder = await runs(t);
  const found = async (argument: string): Promise<string> => findRun(argument, folder);
  t.is(await found('20261121-091300-stair-0a02'), join(folder, ids[1] ?? ''));
  t.is(await found('20261120'), join(folder, ids[2] ?? ''));
  t.is(await found('20261121-091259-stair-0004'), join(folder, ids[3] ?? ''));
  t.is(await found('20261121-091259-stair-0004.partial'), join(folder, ids[3] ?? ''));
  t.is(await found(join(folder, ids[0] ?? '')), join(folder, ids[0] ?? ''));
  // Two of one second: what run.json says decides.
  t.is(await found('last'), join(folder, ids[0] ?? ''));
});

test('what does not tell which run is one line with the candidates', async (t) => {
  const folder = await runs(t);
  const several = await t.throwsAsync(findRun('20261121-0913', folder), { instanceOf: UnreadableRun });
  t.true(
    several.message.includes(ids[0] ?? '') &&
      several.message.includes(ids[1] ?? '') &&
      !several.message.includes('nightly'),
  );
  await t.throwsAsync(findRun('2025', folder), { instanceOf: UnreadableRun, message: /there is no run "2025"/ });
  await t.throwsAsync(findRun('', folder), { instanceOf: UnreadableRun });
  await t.throwsAsync(findRun(join(folder, 'other'), folder), {
    instanceOf: UnreadableRun,
    message: /not a run folder/,
  });
  await t.throwsAsync(findRun('last', join(folder, 'nowhere')), {
    instanceOf: UnreadableRun,
    message: /no run in .* yet/,
  });
  await t.throwsAsync(listRuns(join(folder, 'history.jsonl')), { instanceOf: UnreadableRun });
});
