import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { chmod, mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { z } from 'zod';
import { startPlimsoll } from '../fixtures/run-program.ts';
import { takingTurns } from '../fixtures/taking-turns.ts';
import { seconds } from '../model/units.ts';
import { absent, commandOnPath } from './requires.ts';

/*
 * Everything the demo started is gone afterwards, however it ended: the promise a user needs before letting a load
 * tester loose on a machine. Real processes, found by walking the kernel's table from npm down, known by id and start.
 */
const root = fileURLToPath(new URL('..', import.meta.url));

interface Process {
  readonly id: number;
  readonly parentId: number;
  /** Clock ticks since boot: with it an id that was given to somebody else is not taken for ours. */
  readonly started: string;
  readonly state: string;
  readonly words: readonly string[];
}

type ProcessEntry = Omit<Process, 'words'>;

async function entryOf(id: number): Promise<ProcessEntry | null> {
  const stat = await readFile(`/proc/${id}/stat`, 'utf8').catch(() => null);
  if (stat === null) return null;
  // After the command, which is in parentheses and may hold any character: state, parent, …; the 22nd is the start.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state = '', parentId = ''] = fields;
  return { id, parentId: Number(parentId), started: fields[19] ?? '', state };
}

async function withWords(entry: ProcessEntry): Promise<Process | null> {
  const words = await readFile(`/proc/${entry.id}/cmdline`, 'utf8').catch(() => null);
  return words === null ? null : { ...entry, words: words.split('\0') };
}

/** The dead that nobody has collected yet (a container without an init keeps them for ever) do not count. */
async function runningProcesses(): Promise<ProcessEntry[]> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(ids.map(entryOf));
  return found.filter((each) => each !== null).filter(({ state }) => state !== 'Z' && state !== 'X');
}

/** What descends from one process. Grows with every look, since orphans lose the parent they were found by. */
class Family {
  readonly #known = new Map<number, ProcessEntry>();
  readonly #rootId: number;

  constructor(rootId: number) {
    this.#rootId = rootId;
  }

  /** Those of it that run now. */
  async look(): Promise<Process[]> {
    const running = await runningProcesses();
    const isKnown = ({ id, started }: ProcessEntry): boolean => this.#known.get(id)?.started === started;
    const alive = new Set(running.filter((each) => each.id === this.#rootId || isKnown(each)).map(({ id }) => id));
    for (let before = -1; before < alive.size;) {
      before = alive.size;
      for (const { id, parentId } of running) if (alive.has(parentId)) alive.add(id);
    }
    const members = running.filter(({ id }) => alive.has(id));
    for (const each of members) this.#known.set(each.id, each);
    return (await Promise.all(members.map(withWords))).filter((each) => each !== null);
  }
}

interface Demo {
  readonly npm: ChildProcess;
  readonly family: Family;
  readonly runs: string;
  readonly said: () => string;
  readonly ended: Promise<unknown[]>;
  /** What is in its temporary folder, without the copy of PostgreSQL's programs and npm's cache, which are to stay. */
  readonly leftFiles: () => Promise<string[]>;
}

/**
 * Two demos at a time, each with a temporary folder to itself, in which nothing may be left. The next one takes the folder
 * over: the copy of PostgreSQL's programs is made once in each.
 */
const prefix = join(tmpdir(), 'plimsoll-test-');
const folders = [mkdtempSync(prefix), mkdtempSync(prefix)];
const inTurn = takingTurns(folders);
test.before(async () => {
  // As /tmp is: PostgreSQL's guard may run as somebody else, who has to remove its folder.
  for (const folder of folders) await chmod(folder, 0o1777);
});
test.after.always(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

/** The npm that runs these tests, else the one on PATH. */
const npmCommand: readonly string[] = process.env['npm_execpath']?.endsWith('npm-cli.js')
  ? [process.execPath, process.env['npm_execpath']]
  : ['npm'];

/** Starts the demo as a user does, in a process group of its own as a shell makes one, and waits until load runs. */
async function demoUnderLoad(t: ExecutionContext, folder: string, stage = 1): Promise<Demo> {
  const runs = await mkdtemp(join(tmpdir(), 'plimsoll-test-runs-'));
  t.teardown(() => rm(runs, { recursive: true, force: true }));
  const [program = '', ...args] = npmCommand;
  const npm = spawn(program, [...args, 'run', 'demo', '--', '--short', '--runs', runs], {
    cwd: root,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1', TMPDIR: folder, DATABASE_URL: '' },
  });
  const ended = once(npm, 'exit');
  let said = '';
  for (const stream of [npm.stdout, npm.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const family = new Family(npm.pid ?? 0);
  t.teardown(async () => {
    for (const { id } of await family.look()) endProcess(id);
  });
  while (!said.includes(`\nstage ${stage}/`)) {
    if (npm.exitCode !== null) throw new Error(`the demo ended before its load:\n${said}`);
    await family.look();
    await pause(200);
  }
  const leftFiles = async (): Promise<string[]> =>
    (await readdir(folder)).filter((name) => !name.startsWith('plimsoll-postgres-') && name !== 'node-compile-cache');
  return { npm, family, runs, said: () => said, ended, leftFiles };
}

function endProcess(id: number, signal: NodeJS.Signals = 'SIGKILL'): void {
  try {
    process.kill(id, signal);
  } catch {
    // it ended by itself
  }
}

const programOf = ({ words }: Process): string => words[0]?.split('/').at(-1) ?? '';

/** All that the promise is about is there, so that "nothing is left" says something. */
function assertWhole(t: ExecutionContext, members: readonly Process[]): Process {
  const list = members
    .map(({ id, parentId, words }) => `${id} ${parentId} ${words.join(' ').slice(0, 100)}`)
    .join('\n');
  const some = (what: string, matches: (each: Process) => boolean): Process | undefined => {
    const found = members.find(matches);
    t.truthy(found, `${what} is not among\n${list}`);
    return found;
  };
  some('the launcher', ({ words }) => words.includes('tools/with-node.mjs'));
  some('the generator', ({ words }) => words.some((word) => word.includes('generators/autocannon')));
  some('the service', (each) => programOf(each).startsWith('group-buy-'));
  some('the downstream stub', (each) => programOf(each).startsWith('downstream-'));
  some('PostgreSQL', (each) => programOf(each) === 'postgres');
  some('a PostgreSQL worker', ({ words }) => words[0]?.startsWith('postgres: ') === true);
  some('a guard', ({ words }) => words.includes('plimsoll-guard'));
  const cli = some('plimsoll', ({ words }) => words[1] === 'cli/main.ts');
  return cli ?? t.fail(list);
}

/** Polls: a clean stop waits for answers, closes files and writes the report. */
const patienceSeconds = 25;

async function assertNothingLeft(t: ExecutionContext, { family, leftFiles, said }: Demo): Promise<void> {
  const began = performance.now();
  const deadline = began + seconds(patienceSeconds);
  let members = await family.look();
  let files = await leftFiles();
  while ((members.length > 0 || files.length > 0) && performance.now() < deadline) {
    await pause(200);
    members = await family.look();
    files = await leftFiles();
  }
  t.deepEqual(
    members.map(({ id, parentId, words }) => `${id} ${parentId} ${words.join(' ').slice(0, 200)}`),
    [],
    `still running ${patienceSeconds} s later; it said:\n${said()}`,
  );
  t.deepEqual(files, [], 'temporary files');
  t.log(`gone after ${((performance.now() - began) / seconds(1)).toFixed(1)} s`);
}

const analysisShape = z.object({
  outcome: z.object({ status: z.string(), code: z.string() }),
  stages: z.array(z.object({ kind: z.string(), done: z.number() })),
});

async function assertMeasurementsKept(
  t: ExecutionContext,
  { runs }: Demo,
  state: 'complete' | 'partial',
): Promise<void> {
  const names = await readdir(runs);
  t.is(names.length, 1, names.join());
  const name = names[0] ?? '';
  const folder = join(runs, name);
  t.is(name.endsWith('.partial'), state === 'partial', name);
  if (state === 'complete') {
    const files = await readdir(folder);
    for (const file of ['manifest.json', 'report.html']) t.true(files.includes(file), `${file}: ${files.join()}`);
  } else {
    const { code, out, err } = await startPlimsoll(['analyze', folder]).ended;
    t.is(code, 130, err);
    t.notRegex(err, /^\s+at /m, 'no stack trace');
    t.regex(out, /^verdict /m);
  }
  const { outcome, stages } = analysisShape.parse(JSON.parse(await readFile(join(folder, 'analysis.json'), 'utf8')));
  t.deepEqual(outcome, { status: 'aborted', code: 'interrupted' });
  t.true(
    stages.some(({ done }) => done > 0),
    'measured before the end',
  );
}

const able =
  process.platform === 'linux' &&
  !absent(commandOnPath('go') !== undefined, 'go') &&
  !absent(npmCommand.length > 1 || commandOnPath('npm') !== undefined, 'npm');
const ifAble = test.skipIf(!able);
if (!able) console.error('skipped: what the demo leaves behind (needs Linux, Go and npm)');

function demoTest(title: string, body: (t: ExecutionContext, folder: string) => Promise<void>): void {
  ifAble(title, (t) => inTurn((folder) => body(t, folder)));
}

demoTest('Ctrl-C in the terminal: nothing is left, and what was measured is kept', async (t, folder) => {
  const demo = await demoUnderLoad(t, folder);
  assertWhole(t, await demo.family.look());
  process.kill(-(demo.npm.pid ?? 0), 'SIGINT');
  await assertNothingLeft(t, demo);
  await assertMeasurementsKept(t, demo, 'complete');
  const [code, signal] = await demo.ended;
  t.true(code === 130 || signal === 'SIGINT', `npm ended with ${String(code)} ${String(signal)}`);
});

demoTest('Ctrl-C twice ends at once: nothing is left, and a partial folder that can be analysed', async (t, folder) => {
  const demo = await demoUnderLoad(t, folder, 2);
  const cli = assertWhole(t, await demo.family.look());
  process.kill(-(demo.npm.pid ?? 0), 'SIGINT');
  // A second signal of a kind that is still waiting to be noticed would be the same one.
  while (!demo.said().includes('stopping')) await pause(20);
  // To plimsoll alone, since npm may have ended by the first.
  endProcess(cli.id, 'SIGINT');
  await assertNothingLeft(t, demo);
  await assertMeasurementsKept(t, demo, 'partial');
});

for (const signal of ['SIGKILL', 'SIGTERM'] as const)
  demoTest(`${signal} of npm alone: nothing is left, and what was measured is kept`, async (t, folder) => {
    const demo = await demoUnderLoad(t, folder);
    assertWhole(t, await demo.family.look());
    endProcess(demo.npm.pid ?? 0, signal);
    await assertNothingLeft(t, demo);
    await assertMeasurementsKept(t, demo, 'complete');
  });

demoTest('SIGKILL of plimsoll: nothing is left, and a partial folder that can be analysed', async (t, folder) => {
  // Past the warm-up: lines are put on disk every two seconds.
  const demo = await demoUnderLoad(t, folder, 2);
  const cli = assertWhole(t, await demo.family.look());
  endProcess(cli.id);
  await assertNothingLeft(t, demo);
  await assertMeasurementsKept(t, demo, 'partial');
  t.deepEqual(await demo.ended, [128 + constants.signals.SIGKILL, null]);
});
