import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { makeFolder } from './make-folder.ts';

test('a folder and those above it are made, and again is no fault', async (t) => {
  const place = await mkdtemp(join(tmpdir(), 'plimsoll-test-'));
  t.teardown(() => rm(place, { recursive: true }));
  const folder = join(place, 'a', 'b', 'c');
  await makeFolder(folder);
  await makeFolder(folder);
  t.true((await stat(folder)).isDirectory());
  await writeFile(join(place, 'file'), '');
  await t.throwsAsync(makeFolder(join(place, 'file')), { code: 'EEXIST' });
  await t.throwsAsync(makeFolder(join(place, 'file', 'below')));
});

const onLinux = process.platform === 'linux' ? test : test.skip;

onLinux('where a file system takes no folders it ends and says so', async (t) => {
  await t.throwsAsync(makeFolder('/proc/plimsoll/runs'), { message: 'no folder can be made in /proc' });
});
