import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { z } from 'zod';
import { buildRunRecord } from '../../fixtures/records/build-run-record.ts';
import type { Plan } from '../../model/plan.ts';
import { epochMilliseconds, seconds } from '../../model/units.ts';
import { type SeriesKind, makeSeries, openSeries, readSeries } from './series-folder.ts';
import { UnreadableRun } from './unreadable-run.ts';

const { plan } = buildRunRecord({ stages: [{ rate: 1, seconds: 1 }], name: 'orders' });
const kind: SeriesKind<{ repeats: number }, { run: string }> = {
  word: 'round',
  linesFile: 'lines.jsonl',
  options: z.object({ repeats: z.number() }),
  line: z.object({ run: z.string() }),
};
const requestsModule = { code: 'export const requests = 1;\n', hash: '0123456789abcdef0123' };

async function made(t: ExecutionContext, of: Plan = plan) {
  const runs = await mkdtemp(join(tmpdir(), 'plimsoll-test-'));
  t.teardown(() => rm(runs, { recursive: true, force: true }));
  const startedAt = epochMilliseconds(Date.UTC(2026, 10, 21, 9, 13));
  const folder = await makeSeries(kind, runs, { startedAt, plan: of, requestsModule, options: { repeats: 2 } });
  return { runs, folder };
}

test('a series is read as it was written; a line that was cut is dropped', async (t) => {
  const { runs, folder } = await made(t);
  await folder.add({ run: 'one' });
  await folder.add({ run: 'two' });
  t.is(folder.lines.length, 2);
  await folder.release();
  const file = join(folder.path, 'lines.jsonl');
  const whole = await readFile(file, 'utf8');
  await appendFile(file, '{"run":"thr');
  t.deepEqual((await readSeries(kind, folder.path)).lines, [{ run: 'one' }, { run: 'two' }], 'reading changes nothing');
  t.not(await readFile(file, 'utf8'), whole);
  const again = await openSeries(kind, 'last', runs);
  t.deepEqual(again.stored, folder.stored);
  t.deepEqual(again.stored.requestsModule, requestsModule);
  await again.add({ run: 'three' });
  t.is(await readFile(file, 'utf8'), `${whole}{"run":"three"}\n`);
});

test('a series is found by its id, the beginning of one, its folder, or as the last', async (t) => {
  const { runs, folder } = await made(t);
  await folder.release();
  for (const argument of [folder.stored.id, '20261121-09', folder.path, `${folder.stored.id}.round`, 'last']) {
    const again = await openSeries(kind, argument, runs);
    t.is(again.path, folder.path, argument);
    await again.release();
  }
  for (const argument of ['2025', '', 'no-such'])
    await t.throwsAsync(openSeries(kind, argument, runs), { instanceOf: UnreadableRun, message: /no round/ }, argument);
});

test('only one at a time works in a series, and what cannot be read is not left locked', async (t) => {
  const { runs, folder } = await made(t);
  const inUse = {
    instanceOf: UnreadableRun,
    message: `the round ${folder.stored.id} is in use by process ${process.pid}`,
  };
  await t.throwsAsync(openSeries(kind, 'last', runs), inUse);
  await folder.release();
  await appendFile(join(folder.path, 'lines.jsonl'), '{"run":3}\n');
  for (let time = 0; time < 2; time++)
    await t.throwsAsync(openSeries(kind, 'last', runs), { message: /lines\.jsonl is not as plimsoll writes it/ });
});

test('what is secret is not written, and that it is missing is known', async (t) => {
  t.false((await made(t)).folder.stored.planIsCut);
  const launched: Plan = {
    ...plan,
    target: {
      kind: 'launch',
      url: null,
      readyPath: null,
      readyTimeoutMs: seconds(10),
      command: ['orders'],
      workingDirectory: '/',
      environment: { DATABASE_URL: 'postgres://user:secret-word@host/db' },
      listeningPattern: 'on (.*)',
      limits: { memoryBytes: null, cpus: null },
    },
  };
  const { folder } = await made(t, launched);
  t.true(folder.stored.planIsCut);
  t.notRegex(await readFile(join(folder.path, 'round.json'), 'utf8'), /secret-word/);
});
