import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { bytes, mebibytes } from '../../model/units.ts';
import { prepareRunsDirectory } from './prepare-runs-directory.ts';
import { StoreFailure } from './store-failure.ts';

async function place(t: ExecutionContext): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'plimsoll-test-'));
  t.teardown(() => rm(made, { recursive: true }));
  return made;
}

test('too little room is said before the load, with sizes for people and a way out', async (t) => {
  const runs = join(await place(t), 'a', 'runs');
  const error = await t.throwsAsync(prepareRunsDirectory(runs, mebibytes(mebibytes(1_000))), {
    instanceOf: StoreFailure,
  });
  t.is(error?.code, 'disk-full');
  t.regex(error?.message ?? '', /(iB|bytes) are free where .*runs is, and a run needs 1000 TiB/);
  t.regex(error?.hint ?? '', /--runs DIR/);
});

test('enough room, or no rule, is no fault, and the folder is there', async (t) => {
  const runs = join(await place(t), 'a', 'runs');
  await prepareRunsDirectory(runs, bytes(1));
  await prepareRunsDirectory(runs, null);
  t.true((await stat(runs)).isDirectory());
});

test('a place that cannot be a folder is named with a way out', async (t) => {
  const file = join(await place(t), 'file');
  await writeFile(file, '');
  const error = await t.throwsAsync(prepareRunsDirectory(file, null), { instanceOf: StoreFailure });
  t.regex(error?.message ?? '', /file could not be written: file already exists$/);
  t.regex(error?.hint ?? '', /--runs DIR/);
});
