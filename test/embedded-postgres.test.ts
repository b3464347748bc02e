import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { Client } from 'pg';
import { type Database, findNative, openDatabase } from '../fixtures/services/embedded-postgres.ts';
import { RunFailure } from '../runners/world.ts';
import { allowedProcessors, canPin } from '../runners/target/processor-sets.ts';

const environment = { ...process.env, DATABASE_URL: '' };
const silent = (): void => {};

async function ask(url: string, question: string): Promise<unknown> {
  const client = new Client(url);
  await client.connect();
  try {
    const { rows } = await client.query<{ answer: unknown }>({ text: question });
    return rows[0]?.answer;
  } finally {
    await client.end();
  }
}

/** Ends with the test's own time-out where it never comes true. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await pause(50);
}

async function temporaryFolder(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-test-'));
  // As /tmp: the server of root runs as somebody else.
  await chmod(folder, 0o1777);
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** What a server left there; the copy of its programs that root makes is to stay. */
const leftIn = async (folder: string): Promise<string[]> =>
  (await readdir(folder)).filter((name) => !name.startsWith('plimsoll-postgres-'));

test('starts, is pinned, stops and leaves nothing', async (t) => {
  const [processor] = await allowedProcessors();
  const said: string[] = [];
  const database = await openDatabase({ say: (line) => said.push(line), processors: String(processor), environment });
  t.teardown(() => database.stop());
  t.is(database.origin, 'embedded');
  t.deepEqual(said, ['starting PostgreSQL']);
  t.is(await ask(database.url, 'select 6 * 7 as answer'), 42);
  t.is(await ask(database.url, "select current_setting('fsync') as answer"), 'off');
  t.is(await ask(database.url, 'select count(*) > 0 as answer from pg_stat_statements'), true);
  if (await canPin()) {
    const allowed = String(await ask(database.url, "select pg_read_file('/proc/self/status') as answer"));
    t.is(/^Cpus_allowed_list:\s*(.*)$/m.exec(allowed)?.[1], String(processor));
  }
  const folder = String(await ask(database.url, "select current_setting('data_directory') as answer"));
  await database.stop();
  await t.throwsAsync(ask(database.url, 'select 1'), { code: 'ECONNREFUSED' });
  await t.throwsAsync(readdir(folder), { code: 'ENOENT' });
});

test('two at once do not meet', async (t) => {
  const databases = await Promise.all([
    openDatabase({ say: silent, environment }),
    openDatabase({ say: silent, environment }),
  ]);
  t.teardown(() => Promise.all(databases.map((each) => each.stop())));
  const folders = await Promise.all(
    databases.map(({ url }) => ask(url, "select current_setting('data_directory') as answer")),
  );
  t.is(new Set(folders).size, 2);
});

test('DATABASE_URL is used as it is, and left alone', async (t) => {
  const given: Database = await openDatabase({ say: silent, environment });
  t.teardown(() => given.stop());
  const said: string[] = [];
  const database = await openDatabase({ say: (line) => said.push(line), environment: { DATABASE_URL: given.url } });
  t.like(database, { url: given.url, origin: 'given' });
  t.regex(said.join(), /DATABASE_URL/);
  t.false(said.join().includes(given.url), 'it may hold a password');
  await database.stop();
  t.is(await ask(given.url, 'select 1 as answer'), 1);
});

test('a system without a bundled PostgreSQL is told to set DATABASE_URL', (t) => {
  const failure = t.throws(() => findNative('plan9-mips'), { instanceOf: RunFailure });
  t.regex(failure.message, /plan9-mips/);
  t.regex(failure.hint, /DATABASE_URL/);
});

const module = new URL('../fixtures/services/embedded-postgres.ts', import.meta.url).href;
const holder = `
  import { openDatabase } from '${module}';
  const database = await openDatabase({ say: console.log });
  console.log(database.url);
  process.stdin.resume();
`;

for (const [title, lineToKillAt] of [
  ['nothing is left after SIGKILL of whoever started it', /^postgres:/],
  ['nothing is left after SIGKILL while the cluster is made', /^starting/],
] as const)
  test(title, async (t) => {
    const folder = await temporaryFolder(t);
    const parent = spawn(process.execPath, ['--input-type=module', '-e', holder], {
      env: { ...environment, TMPDIR: folder },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    for await (const line of createInterface({ input: parent.stdout })) {
      if (!lineToKillAt.test(line)) continue;
      if (line.startsWith('postgres:')) t.is(await ask(line, 'select 1 as answer'), 1);
      // initdb has begun once its folder is there.
      await until(async () => (await leftIn(folder)).length > 0);
      parent.kill('SIGKILL');
      await once(parent, 'exit');
      await until(async () => (await leftIn(folder)).length === 0);
      // A process that still runs would make it again.
      await pause(500);
      t.deepEqual(await leftIn(folder), []);
      return;
    }
    t.fail('it never came so far');
  });
