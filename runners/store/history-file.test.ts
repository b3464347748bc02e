import { appendFile, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { HistoryEntry } from '../../model/history-entry.ts';
import { epochMilliseconds, milliseconds } from '../../model/units.ts';
import { lockFolder } from './folder-lock.ts';
import { appendHistory, readHistory } from './history-file.ts';
import { UnreadableRun } from './unreadable-run.ts';

async function newFolder(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-test-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

const entry = (run: string, night = 0): HistoryEntry => ({
  formatVersion: 1,
  project: 'shop',
  service: 'orders',
  scenario: 'nightly',
  scenarioHash: '0123456789abcdef',
  arm: 'candidate',
  pair: null,
  run,
  commit: null,
  configHash: '0123456789abcdef',
  environmentHash: '0123456789abcdef',
  validity: { status: 'ok', reasons: [] },
  startedAt: epochMilliseconds(Date.UTC(2026, 10, 1 + night)),
  stages: [
    {
      index: 1,
      name: 'hold',
      load: 200,
      valid: true,
      late: false,
      figures: { p99Ms: 12.5, errorShare: 0, goroutines: null },
    },
  ],
});

const runsOf = async (file: string): Promise<readonly string[]> =>
  (await readHistory(file)).entries.map(({ run }) => run);

test('what was added is read, oldest run first, and nothing is added twice', async (t) => {
  const file = join(await newFolder(t), 'deep', 'history.jsonl');
  t.deepEqual(await appendHistory(file, [entry('b', 2), entry('a', 1)]), ['b', 'a']);
  t.deepEqual(await appendHistory(file, [entry('a', 1), entry('c', 3)]), ['c']);
  t.deepEqual(await readHistory(file), { entries: [entry('a', 1), entry('b', 2), entry('c', 3)], damaged: [] });
  const before = await readFile(file, 'utf8');
  t.deepEqual(await appendHistory(file, [entry('a', 1)]), []);
  t.is(await readFile(file, 'utf8'), before);
  t.deepEqual(await readdir(join(file, '..')), ['history.jsonl']);
});

test('a line that was cut costs that line alone, and the next one is not glued to it', async (t) => {
  const file = join(await newFolder(t), 'history.jsonl');
  await appendHistory(file, [entry('a'), entry('b')]);
  await writeFile(file, (await readFile(file, 'utf8')).slice(0, -40));
  t.deepEqual(await readHistory(file), {
    entries: [entry('a')],
    damaged: [{ line: 2, reason: 'it was cut or altered' }],
  });
  t.deepEqual(await appendHistory(file, [entry('c'), entry('b')]), ['c', 'b']);
  const seen = await readHistory(file);
  t.deepEqual(seen.entries.map(({ run }) => run).toSorted(), ['a', 'b', 'c']);
  t.deepEqual(seen.damaged, [{ line: 2, reason: 'it was cut or altered' }]);
});

test('wherever the file is cut, the lines before are there', async (t) => {
  const file = join(await newFolder(t), 'history.jsonl');
  await appendHistory(file, [entry('a'), entry('b')]);
  const text = await readFile(file, 'utf8');
  const first = text.indexOf('\n') + 1;
  for (let length = first; length < text.length - 1; length += 7) {
    await writeFile(file, text.slice(0, length));
    t.deepEqual(await runsOf(file), ['a']);
  }
});

test('lines of a newer plimsoll, of other things and of runs that are there twice are left out and named', async (t) => {
  const file = join(await newFolder(t), 'history.jsonl');
  await appendHistory(file, [entry('a')]);
  await appendFile(file, `\n{"formatVersion": 2}\n{"run": 5}\n${JSON.stringify(entry('a', 5))}\n`);
  const { entries, damaged } = await readHistory(file);
  t.deepEqual(entries, [entry('a')]);
  t.deepEqual(damaged, [
    { line: 3, reason: 'it was written in format 2 by a newer plimsoll' },
    { line: 4, reason: 'it is no line of a history' },
    { line: 5, reason: 'the run a is there already' },
  ]);
});

test('writers at the same time lose nothing', async (t) => {
  const file = join(await newFolder(t), 'history.jsonl');
  const names = Array.from({ length: 8 }, (_, at) => `run-${at}`);
  await Promise.all(names.map((name) => appendHistory(file, [entry(name), entry(`${name}-second`)])));
  t.deepEqual((await runsOf(file)).toSorted(), names.flatMap((name) => [name, `${name}-second`]).toSorted());
  t.deepEqual((await readHistory(file)).damaged, []);
});

test('who waits too long for another writer says so and writes nothing', async (t) => {
  const folder = await newFolder(t);
  const lock = await lockFolder(folder, 'a test');
  const file = join(folder, 'history.jsonl');
  await t.throwsAsync(appendHistory(file, [entry('a')], milliseconds(60)), { instanceOf: UnreadableRun });
  await lock.release();
  await t.throwsAsync(readHistory(file), { instanceOf: UnreadableRun, message: /no such file/ });
  t.deepEqual(await appendHistory(file, [entry('a')]), ['a']);
});
