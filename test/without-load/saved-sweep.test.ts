import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { z } from 'zod';
import { observeRun } from '../../analysis/sweep/observe-run.ts';
import { type SweepFolder, sweepSeries } from '../../cli/sweep/sweep-folder.ts';
import { type SweepOptions, designOf } from '../../cli/sweep/sweep-options.ts';
import { buildRunRecord } from '../../fixtures/records/build-run-record.ts';
import { type EndedProgram, startPlimsoll } from '../../fixtures/run-program.ts';
import type { Plan } from '../../model/plan.ts';
import { after, epochMilliseconds, seconds } from '../../model/units.ts';
import { runId } from '../../runners/store/run-id.ts';
import { saveRun } from '../../runners/store/save-run.ts';
import { makeSeries } from '../../runners/store/series-folder.ts';

const startedAt = epochMilliseconds(Date.UTC(2026, 10, 21, 9, 13));
const stages = [{ name: '50/s', rate: 50, seconds: 6, target: { gcCpuShare: 0.05 } }];
const planned = buildRunRecord({ name: 'swept', stages }).plan;
const plan: Plan = {
  ...planned,
  target: {
    ...planned.target,
    kind: 'launch',
    command: ['./service'],
    workingDirectory: '/',
    environment: {},
    listeningPattern: null,
    limits: { memoryBytes: null, cpus: null },
  },
};
const options: SweepOptions = {
  factors: [{ name: 'GOGC', kind: 'environment', values: ['50', '100', '200'] }],
  repeats: 1,
  seed: 1,
  settings: {},
  verify: false,
  adaptive: null,
};

async function runsDirectory(t: ExecutionContext): Promise<string> {
  const runs = await mkdtemp(join(tmpdir(), 'plimsoll-test-'));
  t.teardown(() => rm(runs, { recursive: true, force: true }));
  return runs;
}

/** The sweep as the loop makes it, without its service; `most`: not more runs than that. */
async function sweptIn(runs: string, most: number): Promise<SweepFolder> {
  const folder = await makeSeries(sweepSeries, runs, { startedAt, plan, requestsModule: null, options });
  for (let run = 0; run < most; run++) {
    const next = designOf(options).next(folder.lines);
    if (next.kind !== 'run') break;
    const { settings, repeat } = next;
    const record = buildRunRecord({ name: 'swept', seed: run, stages });
    const id = runId('swept', startedAt, run.toString(16).padStart(4, '0'));
    await saveRun({ ...record, id }, folder.runsDirectory, () => null);
    await folder.add({ purpose: 'cell', settings, repeat, run: id, ...observeRun(record, null) });
  }
  await folder.release();
  return folder;
}

const plimsoll = (runs: string, ...args: readonly string[]): Promise<EndedProgram> =>
  startPlimsoll([...args, '--runs', runs]).ended;

const documentShape = z.object({
  schema: z.literal('plimsoll/sweep/1'),
  outcome: z.object({ status: z.string() }),
  cells: z.array(z.object({ settings: z.record(z.string(), z.string()), runs: z.array(z.string()) })),
});

test('analyze and report of a sweep that is over: every cell, as at its end', async (t) => {
  const runs = await runsDirectory(t);
  const { path, stored, lines } = await sweptIn(runs, Infinity);
  const analyzed = await plimsoll(runs, 'analyze', stored.id, '--json');
  t.true(analyzed.code === 0 || analyzed.code === 4, analyzed.err);
  const document = documentShape.parse(JSON.parse(analyzed.out));
  t.is(document.outcome.status, 'completed');
  t.deepEqual(new Set(document.cells.map(({ settings }) => settings['GOGC'])), new Set(['50', '100', '200']));
  t.is(await readFile(join(path, 'analysis.json'), 'utf8'), analyzed.out);
  t.regex(await readFile(join(path, 'report.html'), 'utf8'), /swept: sweep/);

  const before = await readdir(path);
  for (const argument of [path, basename(path), '20261121-0913', 'last']) {
    const { code, out, err } = await plimsoll(runs, 'report', argument, '--format', 'md');
    t.is(code, 0, err);
    t.regex(out, /swept: sweep[^]*3 of 3 cells measured/, argument);
  }
  const json = await plimsoll(runs, 'report', path, '--format', 'json');
  t.deepEqual(documentShape.parse(JSON.parse(json.out)), document);
  t.regex((await plimsoll(runs, 'report', path, '--format', 'svg')).out, /^<svg /);
  t.regex((await plimsoll(runs, 'report', path, '--format', 'junit')).err, /a sweep compares cells and has no verdict/);
  t.deepEqual(await readdir(path), before, 'a report writes nothing');

  const inside = await plimsoll(runs, 'report', join(path, 'runs', lines[0]?.run ?? ''), '--format', 'md');
  t.is(inside.code, 0, inside.err);
  t.notRegex(inside.out, /cells measured/);
});

test('a sweep that was broken off: so far, and how to go on; without a run nothing is told', async (t) => {
  const runs = await runsDirectory(t);
  const { path, stored } = await sweptIn(runs, 1);
  const { code, out, err } = await plimsoll(runs, 'analyze', path);
  t.is(code, 4, err);
  t.regex(out, /1 of 3 cells measured/);
  t.regex(err, new RegExp(`the sweep is not over: plimsoll sweep --resume ${stored.id} goes on with it`));

  const empty = await runsDirectory(t);
  const none = await sweptIn(empty, 0);
  for (const verb of ['analyze', 'report']) {
    const refused = await plimsoll(empty, verb, none.path);
    t.is(refused.code, 2);
    t.regex(refused.err, /^plimsoll: the sweep \S+ has no run yet, so there is nothing to tell \(.+--resume.+\)\n$/);
  }
});

test('a run that began later is the last, and a name that fits both is refused', async (t) => {
  const runs = await runsDirectory(t);
  const { stored } = await sweptIn(runs, 1);
  const record = buildRunRecord({ name: 'swept', stages });
  const later = runId('swept', after(startedAt, seconds(60)), 'ffff');
  await saveRun({ ...record, id: later }, runs, () => null);
  const last = await plimsoll(runs, 'report', 'last', '--format', 'md');
  t.is(last.code, 0, last.err);
  t.notRegex(last.out, /swept: sweep/);
  const both = await plimsoll(runs, 'report', '20261121');
  t.is(both.code, 2);
  t.regex(both.err, new RegExp(`could be any of ${stored.id}, ${later}`));
});
