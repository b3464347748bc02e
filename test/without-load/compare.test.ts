import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { exitCodes } from '../../cli/exit-codes.ts';
import { CommandLines } from '../command-lines.ts';

/*
 * `compare --samples` and `history changes` as a user starts them; what they find is tested beside their sources. Saved runs are
 * in saved-runs.test.ts.
 */
const program = new CommandLines();
test.after.always(() => program.end());

async function folderWith(t: ExecutionContext, files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-test-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  await Promise.all(Object.entries(files).map(([name, text]) => writeFile(join(folder, name), text)));
  return folder;
}

const lines = (values: readonly (number | string)[]): string => `${values.join('\n')}\n`;

test('compare --samples: same 0, worse 1, misuse 2, inconclusive 4', async (t) => {
  const cwd = await folderWith(t, {
    'base.csv': lines(['p99,cpu', '100,10', '101,10.1', '99,9.9', '100.5,10.05', '99.5,9.95', '100.2,10.02']),
    'slow.csv': lines(['cpu,p99', '10.02,112', '10.1,113', '9.9,111', '10,112.5', '9.95,111.5', '10.05,112.2']),
    'few.csv': lines(['p99,cpu', '100,10']),
    'plain.csv': lines([1, 2, 3, 4]),
  });
  const compare = (...args: readonly string[]) => program.run(['compare', ...args], cwd);
  const [same, worse, few, wrong, runs, text] = await Promise.all([
    compare('--samples', 'base.csv', 'base.csv', '--json'),
    compare('--samples', 'base.csv', 'slow.csv', '--json'),
    compare('--json', 'base.csv', 'few.csv', '--samples'),
    compare('--samples', 'base.csv', 'plain.csv', '--json'),
    compare('last', '--with', 'last'),
    compare('--samples', 'base.csv', 'slow.csv', '--direction', 'higher'),
  ]);
  t.is(same.code, exitCodes.done, same.err);
  t.like(JSON.parse(same.out), { schema: 'plimsoll/compare/1', verdict: 'same' });
  t.is(worse.code, exitCodes.missed, worse.err);
  t.like(JSON.parse(worse.out), {
    verdict: 'worse',
    metrics: [
      {
        name: 'p99',
        unit: null,
        direction: 'lower',
        base: { median: 100.1, runs: 6 },
        candidate: { median: 112.1, runs: 6 },
        verdict: 'worse',
        practicalThreshold: 0.05,
      },
      { name: 'cpu', verdict: 'same' },
    ],
  });
  t.is(few.code, exitCodes.inconclusive, few.err);
  t.like(JSON.parse(few.out), {
    verdict: 'inconclusive',
    metrics: [
      { name: 'p99', ratio: { low: null, high: null }, minimumDetectableEffect: null, reasons: ['too-few-runs'] },
      { name: 'cpu' },
    ],
  });
  t.deepEqual([wrong.code, wrong.out], [exitCodes.misuse, '']);
  t.regex(wrong.err, /one file has a header line/);
  t.is(runs.code, exitCodes.misuse);
  t.regex(runs.err, /^plimsoll: compare: there is no run in [^\n]*\nplimsoll: --with: there is no run in [^\n]*\n$/);
  t.is(text.code, exitCodes.done, text.err);
  t.regex(text.out, /p99: better, because/);
});

test('history changes: points, parameters and warnings; misuse is 2', async (t) => {
  const nights = Array.from({ length: 40 }, (_, night) => (night < 20 ? 100 : 110) + ((night * 7) % 5) / 10);
  const cwd = await folderWith(t, {
    'p99.csv': lines(['p99', ...nights.map((value, night) => (night === 5 ? '' : value))]),
    'wrong.csv': lines(['p99', '1,2']),
  });
  const changes = (...args: readonly string[]) => program.run(['history', 'changes', ...args], cwd);
  const [found, text, wrong, none] = await Promise.all([
    changes('--series', 'p99.csv', '--json'),
    changes('--series', 'p99.csv'),
    changes('--series', 'wrong.csv', '--window', '1', '--json'),
    program.run(['history', 'ack'], cwd),
  ]);
  t.is(found.code, exitCodes.done, found.err);
  t.like(JSON.parse(found.out), {
    schema: 'plimsoll/history-changes/1',
    values: 40,
    gaps: 1,
    points: [{ index: 20, confirmedBy: ['mann-whitney', 'practical-threshold'] }],
    parameters: { window: 50, pValue: 0.001, magnitude: 0 },
    warnings: [{ code: 'gaps-filled' }],
  });
  t.is(text.code, exitCodes.done);
  t.regex(text.out, /1 change found[^]* 20 [^]*mann-whitney, practical-threshold/);
  t.deepEqual([wrong.code, wrong.out], [exitCodes.misuse, '']);
  t.regex(wrong.err, /2 columns[^]*--window/);
  t.is(none.code, exitCodes.misuse);
  t.regex(none.err, /"ack" is nothing that can be done with a history/);
});
