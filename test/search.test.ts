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

async function folder(t: ExecutionContext): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'plimsoll-test-'));
  t.teardown(() => rm(made, { recursive: true, force: true }));
  return made;
}

const rate = z.number().nullable();
const documentShape = z.object({
  schema: z.literal('plimsoll/search/1'),
  runs: z.array(z.string()),
  outcome: z.object({ status: z.string() }),
  stages: z.array(
    z.object({
      kind: z.string(),
      due: z.number(),
      done: z.number(),
      failed: z.number(),
      shed: z.number(),
      dropped: z.number(),
      inFlightAtEnd: z.number(),
    }),
  ),
  capacity: z.object({ waterLevelPerSecond: z.object({ low: rate, high: rate }).nullable() }),
  search: z.object({
    status: z.string(),
    boundsPerSecond: z.object({ low: rate, high: rate }),
    certificate: z
      .object({ ratePerSecond: z.number(), durationMs: z.number(), restarts: z.number(), result: z.string() })
      .nullable(),
    probes: z.array(z.object({ ratePerSecond: z.number(), purpose: z.string(), decision: z.string() })),
  }),
});

/** Trials of two seconds: enough where what is beyond the limit is refused at once. The first rate is beyond it. */
const short = ['--trial', '2s', '--budget', '45s', '--from', '400', '--warm-up', '1s'];

test('finds a hard limit after a kill -9 and a Ctrl-C in the middle, with every trial on disk and none made twice', async (t) => {
  t.timeout(seconds(400), 'ten trials, each with an engine to start, on a machine that others use as well');
  const place = await folder(t);
  const runs = join(place, 'runs');
  const target = fileURLToPath(new URL('../fixtures/programs/bounded-target.ts', import.meta.url));
  const scenario = {
    name: 'bounded',
    target: { launch: [process.execPath, target, '--per-second', '150'] },
    traffic: { endpoints: [{ path: '/' }] },
    load: { stages: [{ hold: 1, for: '1s' }] },
    // A limit so loose that no lateness of the machine matters; what is refused violates it all the same.
    objectives: ['within(9s)>=90%'],
  };
  await writeFile(join(place, 'bounded.ts'), `export default ${JSON.stringify(scenario)};\n`);

  const killed = startPlimsoll(['search', join(place, 'bounded.ts'), ...short, '--runs', runs]);
  const lines = await linesOnceThere(runs, 2);
  killed.child.kill('SIGKILL');
  await once(killed.child, 'exit');
  t.true(lines.length < 8, 'killed before its end');

  const resume = ['search', '--resume', 'last', '--json', '--runs', runs];
  const interrupted = startPlimsoll(resume);
  await linesOnceThere(runs, lines.length + 1);
  interrupted.child.kill('SIGINT');
  const stopped = await interrupted.ended;
  t.is(stopped.code, 130, stopped.err);
  t.regex(stopped.err, /plimsoll search --resume \d{8}-\d{6}-bounded-/);
  t.like(JSON.parse(stopped.out), { outcome: { status: 'aborted' }, search: { status: 'unfinished' } });

  const ended = await startPlimsoll(resume).ended;
  t.true(ended.code === 0 || ended.code === 4, `${String(ended.code)}: ${ended.err}`);
  const { search, stages, runs: ids, capacity, outcome } = documentShape.parse(JSON.parse(ended.out));
  t.is(outcome.status, 'completed');
  t.is(search.status, 'found');
  const { low, high } = search.boundsPerSecond;
  // One in ten of 166.7 a second is refused.
  t.true(low !== null && low > 110 && low < 175, `${low}`);
  t.true(high !== null && low !== null && high >= low && high < 240, `${high}`);
  t.deepEqual(capacity.waterLevelPerSecond && [capacity.waterLevelPerSecond.low, capacity.waterLevelPerSecond.high], [
    low,
    high,
  ]);
  t.is(search.certificate?.restarts, 2, 'each search that ended took its target with it');
  t.is(search.probes.length, ids.length);
  t.is(stages.filter(({ kind }) => kind === 'hold').length, ids.length);
  for (const stage of stages)
    t.is(stage.due, stage.done + stage.failed + stage.shed + stage.dropped + stage.inFlightAtEnd);
  const place2 = await searchFolder(runs);
  const kept = (await readFile(join(place2, 'trials.jsonl'), 'utf8')).trimEnd().split('\n');
  t.is(kept.length, ids.length);
  t.deepEqual(kept.slice(0, lines.length), lines, 'what was measured before the kill was kept as it was');
  for (const id of ids) t.true((await readdir(join(place2, 'runs', id))).includes('manifest.json'));
  const report = await readFile(join(place2, 'report.html'), 'utf8');
  t.regex(report, /Every trial/);
  t.regex(ended.err, /trial \d+ certify .*so far/);

  const again = await startPlimsoll(['search', '--resume', 'last', '--budget', '1h', '--runs', runs]).ended;
  t.is(again.code, 2, 'a search that is resumed goes on as it was begun');
});

async function searchFolder(runs: string): Promise<string> {
  const names = await readdir(runs).catch(() => []);
  return join(runs, names.find((name) => name.endsWith('.search')) ?? 'none');
}

/** The trials that are over, once there are so many. */
async function linesOnceThere(runs: string, count: number): Promise<readonly string[]> {
  for (;;) {
    const text = await readFile(join(await searchFolder(runs), 'trials.jsonl'), 'utf8').catch(() => '');
    const lines = text.split('\n').filter((line) => line !== '');
    if (lines.length >= count) return lines;
    await sleep(100);
  }
}
