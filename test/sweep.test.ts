import { once } from 'node:events';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { z } from 'zod';
import { startPlimsoll } from '../fixtures/run-program.ts';
import { seconds } from '../model/units.ts';

/** A service that answers so many requests a second as its flag says; `target` is added to what launches it. */
async function place(t: ExecutionContext, target: object = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-test-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const program = fileURLToPath(new URL('../fixtures/programs/bounded-target.ts', import.meta.url));
  const scenario = {
    name: 'bounded',
    target: {
      launch: [process.execPath, program, '--per-second', '{{limit}}'],
      settings: { limit: 500 },
      ...target,
    },
    traffic: { endpoints: [{ path: '/' }] },
    load: { warmUp: '0s', stages: [{ hold: 300, for: '3s' }] },
    collect: { profiles: 'none' },
  };
  const file = join(folder, 'bounded.ts');
  await writeFile(file, `export default ${JSON.stringify(scenario)};\n`);
  return { file, runs: join(folder, 'runs') };
}

const estimate = z.object({ estimate: z.number(), low: z.number().nullable(), high: z.number().nullable() }).nullable();
const documentShape = z.object({
  schema: z.literal('plimsoll/sweep/1'),
  outcome: z.object({ status: z.string() }),
  finished: z.boolean(),
  cells: z.array(
    z.object({
      settings: z.record(z.string(), z.string()),
      runs: z.array(z.string()),
      status: z.string(),
      reasons: z.array(z.string()),
      observed: z.object({ runs: z.number(), offeredPerSecond: estimate, completedPerSecond: estimate }).nullable(),
      predicted: z.null(),
    }),
  ),
  recommended: z.null(),
  verification: z.null(),
  warnings: z.array(z.object({ code: z.string(), message: z.string() })),
});

test('a sweep is killed, resumed by one of two, interrupted and resumed: every cell is run once, and one that crashes is told', async (t) => {
  t.timeout(seconds(300), 'four runs, each with an engine to start, on a machine that others use as well');
  const { file, runs } = await place(t);
  const vary = ['--vary', 'limit=100,2000', '--vary', 'NODE_OPTIONS=--no-warnings,--no-such-option'];
  const killed = startPlimsoll(['sweep', file, ...vary, '--runs', runs, '--seed', '3']);
  const lines = await linesOnceThere(runs, 1);
  killed.child.kill('SIGKILL');
  await once(killed.child, 'exit');
  t.true(lines.length < 4, 'killed before its end');

  const resume = ['sweep', '--resume', 'last', '--json', '--runs', runs];
  const interrupted = startPlimsoll(resume);
  await lockedBy(runs, interrupted.child.pid ?? 0);
  const refused = await startPlimsoll(resume).ended;
  t.is(refused.code, 2);
  t.regex(refused.err, new RegExp(`sweep .*-bounded-.* is in use by process ${interrupted.child.pid}`));
  await linesOnceThere(runs, lines.length + 1);
  interrupted.child.kill('SIGINT');
  const stopped = await interrupted.ended;
  t.is(stopped.code, 130, stopped.err);
  t.regex(stopped.err, /plimsoll sweep --resume \d{8}-\d{6}-bounded-/);
  t.false(documentShape.parse(JSON.parse(stopped.out)).finished);

  const ended = await startPlimsoll(resume).ended;
  t.is(ended.code, 4, ended.err);
  const { cells, outcome, finished, warnings } = documentShape.parse(JSON.parse(ended.out));
  t.is(outcome.status, 'completed');
  t.true(finished);
  t.is(cells.length, 4);
  for (const { settings, status, observed } of cells) {
    const crashes = settings['NODE_OPTIONS'] === '--no-such-option';
    t.is(status, crashes ? 'failed' : 'measured', JSON.stringify(settings));
    const done = observed?.completedPerSecond?.estimate ?? null;
    if (crashes) t.is(done, null);
    else if (settings['limit'] === '100') t.true(done !== null && done < 200, `${done}`);
    else t.true(done !== null && done > 250, `${done}`);
  }
  t.deepEqual(
    warnings.map(({ code }) => code),
    ['cell-not-measured', 'cell-not-measured'],
  );
  t.regex(warnings[0]?.message ?? '', /NODE_OPTIONS=--no-such-option was not measured: run 1: .*9/);

  const folder = await sweepFolder(runs);
  const kept = await linesOnceThere(runs, 4);
  t.deepEqual(kept.slice(0, lines.length), lines, 'what was measured before the kill was kept as it was');
  for (const id of cells.flatMap((cell) => cell.runs))
    t.true((await readdir(join(folder, 'runs', id))).includes('manifest.json'));
  t.regex(await readFile(join(folder, 'report.html'), 'utf8'), /sweep/);
  t.regex(await readFile(join(folder, 'report.md'), 'utf8'), /limit/);
  t.deepEqual(
    (await readdir(folder)).filter((name) => name.startsWith('lock')),
    [],
  );
  const other = await startPlimsoll(['sweep', '--resume', 'last', '--repeats', '2', '--runs', runs]).ended;
  t.is(other.code, 2, 'a sweep that is resumed goes on as it was begun');
});

async function sweepFolder(runs: string): Promise<string> {
  const names = await readdir(runs).catch(() => []);
  return join(runs, names.find((name) => name.endsWith('.sweep')) ?? 'none');
}

/** The runs that are over, once there are so many. */
async function linesOnceThere(runs: string, count: number): Promise<readonly string[]> {
  for (;;) {
    const text = await readFile(join(await sweepFolder(runs), 'cells.jsonl'), 'utf8').catch(() => '');
    const lines = text.split('\n').filter((line) => line !== '');
    if (lines.length >= count) return lines;
    await sleep(100);
  }
}

async function lockedBy(runs: string, processId: number): Promise<void> {
  for (;;) {
    const folder = await sweepFolder(runs);
    for (const name of await readdir(folder).catch(() => [])) {
      const text = /^lock-\d+$/.test(name) ? await readFile(join(folder, name), 'utf8').catch(() => '') : '';
      if (text.includes(`"processId":${processId},`)) return;
    }
    await sleep(50);
  }
}

test('a command that is not there ends the sweep, and can be put right', async (t) => {
  const { file, runs } = await place(t, { launch: ['./no-such-program', '{{limit}}'] });
  const args = ['sweep', file, '--vary', 'limit=1,2,3,4', '--repeats', '2', '--json', '--runs', runs];
  const { code, out, err } = await startPlimsoll(args).ended;
  t.is(code, 3, err);
  t.regex(err, /none of 3 cells got to its load: .*no-such-program/);
  const { cells, outcome } = documentShape.parse(JSON.parse(out));
  t.is(outcome.status, 'failed');
  t.deepEqual(cells.map(({ status }) => status).toSorted(), ['failed', 'failed', 'failed', 'pending']);
});
