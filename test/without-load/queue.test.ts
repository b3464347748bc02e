import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { EndedProgram } from '../../fixtures/run-program.ts';
import { CommandLines } from '../command-lines.ts';
import { golden } from '../golden.ts';

const program = new CommandLines();
test.after.always(() => program.end());
const queue = (...args: readonly string[]): Promise<EndedProgram> => program.run(['queue', ...args]);

/** Ten digits: the last ones are the machine's. */
const rounded = (text: string): string =>
  `${JSON.stringify(
    JSON.parse(text, (_, value: unknown) => (typeof value === 'number' ? Number(value.toPrecision(10)) : value)),
    null,
    2,
  )}\n`;

const eight = ['--servers', '8', '--service-time', '8ms'];
const documents: Record<string, readonly string[]> = {
  'queue-mmc': [...eight, '--arrival-rate', '900/s'],
  'queue-mm1': ['--servers', '1', '--service-time', '10ms', '--arrival-rate', '70/s'],
  'queue-mmck': [...eight, '--arrival-rate', '1200/s', '--limit', '40'],
  'queue-ggc': [...eight, '--arrival-rate', '900/s', '--service-cv', '0.7', '--arrival-cv', '0.5'],
  'queue-mg1': ['--servers', '1', '--service-time', '10ms', '--arrival-rate', '70/s', '--service-cv', '0'],
};

for (const [name, args] of Object.entries(documents))
  test(`${name}: the whole document`, async (t) => {
    const { code, out, err } = await queue(...args, '--json');
    t.is(code, 0, err);
    t.is(rounded(out), golden(`${name}.json`, rounded(out)));
  });

async function networkFile(t: ExecutionContext, content: unknown): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-test-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'network.json');
  await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

const closed = {
  kind: 'closed',
  classes: [{ name: 'users', population: 100, thinkTimeMs: 200 }],
  stations: [
    { name: 'service', servers: 32, demandMs: 100 },
    { name: 'database', servers: 4, serviceTimeMs: 2, visits: 3 },
    { name: 'network', servers: 'delay', demandMs: 5 },
  ],
};
const open = {
  kind: 'open',
  classes: [
    { name: 'read', arrivalRatePerSecond: 100 },
    { name: 'write', arrivalRatePerSecond: 20 },
  ],
  stations: [
    { name: 'service', servers: 4, demandMs: { read: 10, write: 30 } },
    { name: 'database', servers: 2, serviceTimeMs: { read: 2, write: 2 }, visits: { read: 1, write: 5 } },
  ],
};
const many = {
  kind: 'closed',
  classes: ['a', 'b', 'c'].map((name) => ({ name, population: 400 })),
  stations: [{ name: 'service', servers: 4, demandMs: { a: 1, b: 2, c: 3 } }],
};

for (const [name, network] of Object.entries({ closed, open, many }))
  test(`a network: the whole document of ${name}`, async (t) => {
    const { code, out, err } = await queue('network', await networkFile(t, network), '--json');
    t.is(code, 0, err);
    t.is(rounded(out), golden(`queue-network-${name}.json`, rounded(out)));
  });

test('for people: the same figures in a table', async (t) => {
  const one = await queue(...eight, '--arrival-rate', '900/s');
  t.is(one.code, 0);
  t.regex(one.out, /mean wait +7\.02 ms/);
  t.regex(one.out, /p99 +42\.5 ms +56\.7 ms/);
  const network = await queue('network', await networkFile(t, many));
  t.regex(network.out, /approximate: Bard and Schweitzer/);
  t.regex(network.out, /note: too many populations/);
});

const wait = (text: string): number => Number(/"meanWaitMs": ([\d.]+)/.exec(text)?.[1]);

test('the other approximation is named, and close', async (t) => {
  const args = [...eight, '--arrival-rate', '900/s', '--service-cv', '0.7', '--json'];
  const [one, other] = await Promise.all([queue(...args), queue(...args, '--approximation', 'sakasegawa')]);
  t.regex(one.out, /Allen and Cunneen/);
  t.regex(other.out, /Sakasegawa/);
  t.true(Math.abs(wait(one.out) / wait(other.out) - 1) < 0.03);
});

/** Exit code 2, nothing on standard output, one line per reason, each with a hint. */
function refused(t: ExecutionContext, { code, out, err }: EndedProgram, ...reasons: readonly RegExp[]): void {
  t.is(code, 2, err);
  t.is(out, '');
  const lines = err.trimEnd().split('\n');
  t.is(lines.length, reasons.length, err);
  for (const [index, reason] of reasons.entries()) t.regex(lines[index] ?? '', reason);
  for (const line of lines) t.regex(line, /^plimsoll: .+ \(.+\)$/);
}

test('numbers that cannot be are refused, all at once', async (t) => {
  refused(
    t,
    await queue('--servers', '0', '--arrival-rate', '-5', '--service-time', '8', '--arrival-cv', '-1', '--json'),
    /--servers: "0"/,
    /--arrival-rate: "-5"/,
    /--service-time: "8"/,
    /--arrival-cv: "-1"/,
  );
  refused(
    t,
    await queue('--servers', '1.5', '--arrival-rate', '0', '--service-time', '0ms', '--json'),
    /--servers: "1.5"/,
    /--arrival-rate: "0" is not above 0/,
    /--service-time: "0ms" is not above 0/,
  );
  refused(
    t,
    await queue('--json'),
    /--servers: is missing/,
    /--arrival-rate: is missing/,
    /--service-time: is missing/,
  );
});

test('a queue without a steady state is refused with the bound that it breaks', async (t) => {
  for (const rate of ['1000/s', '1500/s'])
    refused(
      t,
      await queue(...eight, '--arrival-rate', rate, '--json'),
      /utilisation 1(\.\d+)? is not below 1 \(8 servers carry less than 1,000\/s/,
    );
  t.is((await queue(...eight, '--arrival-rate', '1500/s', '--limit', '20', '--json')).code, 0);
});

test('a limit below the servers, or beside other distributions, is refused', async (t) => {
  refused(t, await queue(...eight, '--arrival-rate', '5', '--limit', '7', '--json'), /--limit: "7"/);
  refused(
    t,
    await queue(...eight, '--arrival-rate', '5', '--limit', '10', '--service-cv', '2', '--json'),
    /--limit: there is no formula/,
  );
});

test('networks that cannot be are refused, all reasons at once', async (t) => {
  const bad = async (content: unknown, ...reasons: readonly RegExp[]): Promise<void> =>
    refused(t, await queue('network', await networkFile(t, content), '--json'), ...reasons);
  await bad('{', /JSON/);
  await bad({ ...closed, kind: 'ring' }, /kind/);
  await bad(
    { ...closed, classes: [{ name: 'users', population: 0, thinkTimeMs: -1 }], stations: [] },
    /population/,
    /thinkTimeMs/,
    /stations/,
  );
  await bad({ ...closed, stations: [{ name: 'a', servers: 1 }] }, /either demandMs/);
  await bad(
    {
      ...closed,
      stations: [
        { name: 'a', servers: 1, demandMs: -1 },
        { name: 'a', servers: 1, demandMs: 1 },
      ],
    },
    /two of the name "a"/,
    /below 0/,
  );
  await bad(
    { ...open, stations: [{ name: 'a', servers: 1, demandMs: { read: 1, raed: 1 } }] },
    /no class "raed"/,
    /nothing for class "write"/,
  );
  await bad(
    { ...open, stations: [{ name: 'a', servers: 1, demandMs: { read: 9, write: 5 } }] },
    /station a: .*utilisation 1(\.\d+)? is not below 1/,
  );
  refused(t, await queue('network', '/no/such/file.json', '--json'), /no such file/);
  refused(t, await queue('network', '--json'), /which file/);
  refused(t, await queue('netwerk', '--json'), /nothing to work out/);
});
