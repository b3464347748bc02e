import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { EndedProgram } from '../../fixtures/run-program.ts';
import { CommandLines } from '../command-lines.ts';
import { golden } from '../golden.ts';

const program = new CommandLines();
test.after.always(() => program.end());

async function fit(t: ExecutionContext, model: string, csv: string, ...args: readonly string[]): Promise<EndedProgram> {
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-test-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, 'data.csv'), csv);
  return await program.run(['fit', model, 'data.csv', ...args], folder);
}

/** Six digits: the last ones are the machine's. */
const rounded = (text: string): string =>
  `${JSON.stringify(
    JSON.parse(text, (_, value: unknown) => (typeof value === 'number' ? Number(value.toPrecision(6)) : value)),
    null,
    2,
  )}\n`;

const specsdm91 = `load,concurrency,throughput
a,1,64.9
b,18,995.9
c,36,1652.4
d,72,1853.2
e,108,1828.9
f,144,1775.0
g,216,1702.2
`;
const raytracer = `throughput,concurrency
310,64
20,1
78,4
130,8
170,12
190,16
200,20
210,24
230,28
260,32
280,48
`;

const documents: Record<string, readonly [model: string, csv: string, code: number, ...args: string[]]> = {
  'fit-usl': ['usl', specsdm91, 0, '--at', '20,250,300', '--latency-at', '1500,5000'],
  'fit-usl-normalized': ['usl', specsdm91, 0, '--normalized'],
  'fit-usl-no-peak': ['usl', raytracer, 0],
  'fit-usl-two-stages': ['usl', specsdm91.split('\n').slice(0, 3).join('\n'), 4, '--at', '5'],
  'fit-usl-saturated': ['usl', 'concurrency,throughput\n64,1003\n96,998\n128,1001\n192,997\n256,1004\n', 4],
  'fit-contest': ['contest', raytracer, 0],
  'fit-contest-undecided': ['contest', specsdm91, 4],
  'fit-contest-knee': [
    'contest',
    `concurrency,throughput\n${[1, 2, 3, 4, 6, 8, 12, 16, 24, 32].map((n, index) => `${n},${Math.min(50 * n, 700) + (index % 3) - 1}`).join('\n')}`,
    0,
  ],
};

for (const [name, [model, csv, expected, ...args]] of Object.entries(documents))
  test(`${name}: the whole document`, async (t) => {
    const { code, out, err } = await fit(t, model, csv, ...args, '--json');
    t.is(code, expected, err);
    t.is(rounded(out), golden(`${name}.json`, rounded(out)));
  });

test('a terminal gets the same figures in a few lines', async (t) => {
  const usl = await fit(t, 'usl', specsdm91, '--at', '20,300');
  t.is(usl.code, 0, usl.err);
  t.is(usl.out, golden('fit-usl.txt', usl.out));
  const contest = await fit(t, 'contest', specsdm91);
  t.is(contest.code, 4, contest.err);
  t.is(contest.out, golden('fit-contest-undecided.txt', contest.out));
});

test('what is wrong with flags and file is said at once, with exit code 2 and nothing on standard output', async (t) => {
  const refused = async (
    model: string,
    csv: string,
    lines: readonly RegExp[],
    ...args: readonly string[]
  ): Promise<void> => {
    const { code, out, err } = await fit(t, model, csv, ...args, '--json');
    t.is(code, 2, err);
    t.is(out, '');
    for (const line of lines) t.regex(err, line);
  };
  await refused('usl', '', [/data\.csv: holds nothing/]);
  await refused('usl', 'concurrency,throughput\n', [/holds a header only/]);
  await refused('usl', '1,20\n2,38\n', [/data\.csv:1: the header "1,20" has no column concurrency and no throughput/]);
  await refused('usl', 'users,throughput\n1,20\n', [/has no column concurrency/]);
  await refused(
    'usl',
    'concurrency,throughput\n1,20\n0,5\n4,-3\n8,fast\n16\n',
    [
      /data\.csv:3: concurrency 0 is not above 0/,
      /data\.csv:4: throughput -3 is not above 0/,
      /data\.csv:5: throughput "fast" is not a number/,
      /data\.csv:6: throughput "" is not a number/,
      /--at.*"5,x" is not a list/,
    ],
    '--at',
    '5,x',
  );
  await refused('amdahl', specsdm91, [/"amdahl" is no model/]);
  await refused('contest', specsdm91, [/--at.*belongs to fit usl/, /--normalized/], '--at', '5', '--normalized');
  await refused(
    'usl',
    'concurrency,throughput\n2,38\n4,70\n8,120\n',
    [/needs a row with concurrency 1/],
    '--normalized',
  );
});

test('a file as a spreadsheet writes it is read', async (t) => {
  const { code, out, err } = await fit(
    t,
    'usl',
    `\uFEFF${specsdm91.replaceAll('\n', '\r\n').replaceAll(/,([^,\r]*)\r/g, ', "$1"\r')}`,
    '--json',
  );
  t.is(code, 0, err);
  t.regex(out, /"rows": 7/);
});
