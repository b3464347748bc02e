import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  appendFile,
  cp,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  rm,
  symlink,
  truncate,
  unlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { setTimeout as pause } from 'node:timers/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import test, { type ExecutionContext } from 'ava';
import { array, asyncProperty, assert, double, integer, option, string, record as recordOf } from 'fast-check';
import { buildRunRecord } from '../../fixtures/records/build-run-record.ts';
import { type ProfileCapture, type Scrape, captureFailed, captured, notCollected } from '../../model/measurements.ts';
import type { Plan } from '../../model/plan.ts';
import { seededRandom } from '../../model/random.ts';
import { type RunRecord, runRecordFormat } from '../../model/run-record.ts';
import {
  bytes,
  epochMilliseconds,
  mebibytes,
  milliseconds,
  perSecond,
  percent,
  ratio,
  seconds,
} from '../../model/units.ts';
import { freeDisk } from './free-disk.ts';
import { loadRun } from './load-run.ts';
import { openRunFolder } from './open-run-folder.ts';
import { planShape } from './plan-shape.ts';
import { readProfile } from './read-profile.ts';
import { runFiles } from './run-folder-files.ts';
import { summaryShape } from './run-record-shape.ts';
import { saveRun } from './save-run.ts';
import { StoreFailure } from './store-failure.ts';
import { UnreadableRun } from './unreadable-run.ts';

const run = promisify(execFile);

async function mountSmall(place: string): Promise<boolean> {
  return run('mount', ['-t', 'tmpfs', '-o', 'size=192k', 'tmpfs', place]).then(
    () => true,
    () => false,
  );
}

const mountPlace = await mkdtemp(join(tmpdir(), 'plimsoll-mount-'));
const mayMount = process.platform === 'linux' && (await mountSmall(mountPlace));
if (mayMount) await run('umount', [mountPlace]);
await rm(mountPlace, { recursive: true });

async function directory(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-store-'));
  t.teardown(async () => rm(folder, { recursive: true, force: true }));
  return folder;
}

const profileBytes = Buffer.from('not really a profile');
const profile: ProfileCapture = {
  source: null,
  stage: 1,
  label: 'stage',
  kind: 'cpu',
  startedAt: epochMilliseconds(1_763_716_380_000.25),
  durationMs: seconds(10),
  cumulative: false,
  content: captured({ file: 'profiles/01-cpu.pb.gz', bytes: bytes(profileBytes.byteLength) }),
};

const scrape = (body: string | null, error: string | null = null): Scrape => ({
  collector: 'prometheus',
  source: 'http://127.0.0.1:8080/metrics',
  at: epochMilliseconds(1_763_716_381_000.125),
  durationMs: milliseconds(3.5),
  bytes: bytes(body?.length ?? 0),
  contentType: body === null ? null : 'text/plain',
  body,
  error,
});

const sample = (): RunRecord =>
  buildRunRecord({
    stages: [
      { kind: 'warm-up', rate: 20, seconds: 2 },
      { rate: 50, seconds: 4, failures: { timeout: 0.1 }, shed: 0.05 },
    ],
    scrapes: () => [scrape('# HELP a_b x\na_b 1\n'), scrape(null, 'timed out')],
    profiles: [profile, { ...profile, kind: 'heap', content: captureFailed('status 404') }],
  });

/** Every branch of every union of the plan and the outcome, between this and the sample. */
const elaborate = (): RunRecord => {
  const record = sample();
  const judged = { endpoint: null, comparison: '<=' } as const;
  const plan: Plan = {
    ...record.plan,
    name: 'elaborate',
    engine: { name: 'k6', reason: 'asked for' },
    target: {
      kind: 'launch',
      url: null,
      readyPath: '/healthz',
      readyTimeoutMs: seconds(20),
      command: ['./orders', '--listen', ':0'],
      workingDirectory: '/srv/orders',
      environment: { GOGC: '50', DATABASE_URL: 'env:DATABASE_URL' },
      listeningPattern: 'listening on (.*)',
      limits: { memoryBytes: mebibytes(512), cpus: 1.5 },
    },
    traffic: {
      kind: 'module',
      file: 'requests-0123456789abcdef.mjs',
      hash: '0123',
      endpoints: ['GET /'],
      hasPrepare: true,
    },
    loadProfile: {
      kind: 'closed',
      thinkTimeMs: milliseconds(0),
      stages: [{ name: 'a', kind: 'hold', users: 8, durationMs: seconds(6) }],
    },
    objectives: [
      { ...judged, kind: 'latency-quantile', quantile: 0.999, limitMs: milliseconds(200) },
      { ...judged, kind: 'within', durationMs: milliseconds(100), limit: percent(95) },
      { ...judged, kind: 'errors', limit: ratio(0.001), endpoint: 'GET /' },
      { ...judged, kind: 'shed', limit: ratio(0.01) },
      { ...judged, kind: 'throughput', limitPerSecond: perSecond(500), comparison: '>=' },
      { ...judged, kind: 'gc-cpu', limit: percent(10) },
      { ...judged, kind: 'goroutines', limit: 15_000 },
      { ...judged, kind: 'rss', limitBytes: mebibytes(512), comparison: '>' },
    ],
    collect: {
      prometheus: [{ url: 'http://h/metrics', intervalMs: seconds(1), timeoutMs: seconds(2), maxBytes: mebibytes(8) }],
      expvar: [],
      pprof: {
        url: 'http://h/debug/pprof',
        maxBytes: mebibytes(16),
        furtherUrls: ['http://127.0.0.1:6061/debug/pprof'],
        captures: [
          {
            stage: null,
            label: 'baseline',
            kind: 'mutex',
            atMs: milliseconds(-500),
            durationMs: milliseconds(0),
            afterGc: false,
          },
        ],
      },
      process: { intervalMs: seconds(1) },
      sockets: null,
      postgres: null,
      gctrace: true,
      adminHeaders: { Authorization: 'env:ADMIN' },
    },
    processors: { generator: '0', target: '1-3' },
    warnings: [{ code: 'few-requests', message: 'too few' }],
  };
  return {
    ...record,
    id: '20261121-091301-elaborate-00ff',
    plan,
    outcome: { status: 'aborted', phase: 'load', code: 'error-ratio', reason: 'too many errors' },
    traffic: captureFailed('the engine died'),
    scrapes: [],
    collectors: [],
    profiles: [],
  };
};

const save = async (record: RunRecord, runs: string): Promise<string> => saveRun(record, runs, () => profileBytes);

test('saved, loaded, saved again: the same record and the same files', async (t) => {
  const runs = await directory(t);
  const others: RunRecord[] = [
    {
      ...sample(),
      outcome: { status: 'failed', phase: 'target', reason: 'refused', hint: 'start it' },
      traffic: notCollected('no load'),
      id: '20261121-091300-failed-0002',
    },
    buildRunRecord({ name: 'unfinished', complete: false, stages: [{ rate: [1, 9], seconds: 3 }] }),
  ];
  for (const record of [sample(), elaborate(), ...others]) {
    const folder = await save(record, runs);
    t.is(folder, join(runs, record.id));
    const loaded = await loadRun(folder);
    t.deepEqual(loaded, record);
    const again = await save(loaded, join(runs, 'again'));
    t.deepEqual(await loadRun(again), record);
    const third = await save(await loadRun(again), join(runs, 'third'));
    for (const name of ['run.json', 'plan.json'])
      t.is(await readFile(join(again, name), 'utf8'), await readFile(join(folder, name), 'utf8'), name);
    for (const name of ['traffic.jsonl.gz', 'metrics.jsonl.gz'])
      t.deepEqual(gunzipSync(await readFile(join(third, name))), gunzipSync(await readFile(join(again, name))), name);
  }
  t.deepEqual(
    (await readdir(runs)).filter((name) => name.endsWith('.partial')),
    [],
  );
});

test('any text and any number survives', async (t) => {
  const runs = await directory(t);
  const text = string({ unit: 'binary', maxLength: 300 });
  const number = double({ min: 0, max: 1e15, noNaN: true });
  const any = recordOf({
    body: option(text),
    error: option(text),
    source: text,
    at: number,
    durationMs: number,
    bytes: integer({ min: 0 }),
  });
  let count = 0;
  await assert(
    asyncProperty(array(any, { maxLength: 8 }), text, async (readings, reason) => {
      const scrapes = readings.map(({ at, durationMs, bytes: size, ...rest }): Scrape => ({
        collector: 'expvar',
        contentType: null,
        ...rest,
        at: epochMilliseconds(at),
        durationMs: milliseconds(durationMs),
        bytes: bytes(size),
      }));
      const outcome = { status: 'failed', phase: 'store', reason: reason.replaceAll('://', ''), hint: '' } as const;
      const id = `20261121-091300-any-${(count++).toString(16).padStart(4, '0')}`;
      const record: RunRecord = { ...sample(), id, outcome, scrapes, profiles: [] };
      t.deepEqual(await loadRun(await save(record, runs)), record);
    }),
    { seed: 5, numRuns: 60 },
  );
});

test('a figure that is no number is found when it is written, not years later', async (t) => {
  const record = { ...sample(), endedAt: epochMilliseconds(Number.NaN) };
  await t.throwsAsync(save(record, await directory(t)), { message: /endedAt/ });
});

test('profiles are read lazily, and a lost or cut one is said', async (t) => {
  const folder = await save(sample(), await directory(t));
  t.deepEqual(await readProfile(folder, profile), profileBytes);
  t.is(await readProfile(folder, { ...profile, content: notCollected('off') }), null);
  await truncate(join(folder, 'profiles/01-cpu.pb.gz'), 3);
  await t.throwsAsync(readProfile(folder, profile), {
    instanceOf: UnreadableRun,
    message: /has 3 bytes instead of 20/,
  });
  await unlink(join(folder, 'profiles/01-cpu.pb.gz'));
  await t.throwsAsync(readProfile(folder, profile), { instanceOf: UnreadableRun });
});

test('each missing or edited file is named in one line', async (t) => {
  const runs = await directory(t);
  const whole = await save(sample(), runs);
  const names = [
    'run.json',
    'plan.json',
    'traffic.jsonl.gz',
    'metrics.jsonl.gz',
    'profiles/01-cpu.pb.gz',
    'manifest.json',
  ];
  for (const name of names) {
    for (const [how, damage] of [
      ['missing', async (file: string) => unlink(file)],
      ['edited', async (file: string) => appendFile(file, ' x')],
    ] as const) {
      const folder = join(runs, 'copy');
      await cp(whole, folder, { recursive: true });
      await damage(join(folder, name));
      const error = await t.throwsAsync(loadRun(folder), { instanceOf: UnreadableRun }, `${name} ${how}`);
      t.true(error.message.includes(name), `${name} ${how}: ${error.message}`);
      t.false(/\n/.test(error.message + error.hint));
      await rm(folder, { recursive: true });
    }
  }
});

test('figures edited together with nothing else are noticed', async (t) => {
  const folder = await save(sample(), await directory(t));
  const file = join(folder, 'run.json');
  const text = await readFile(file, 'utf8');
  const edits: [written: string, edited: string][] = [
    ['"readinessRequests": 0', '"readinessRequests": 9'],
    ['"id": "', '"id": "another-'],
    ['"state": "complete"', '"state": "partial"'],
    ['"plan"', '"plam"'],
    ['{', 'oops'],
  ];
  for (const [written, edited] of edits) {
    t.true(text.includes(written), written);
    await writeFile(file, text.replace(written, edited));
    const error = await t.throwsAsync(loadRun(folder), { instanceOf: UnreadableRun }, edited);
    t.regex(error.message, /run\.json was changed after the run was written/, edited);
    t.regex(error.hint, /put back|run again/);
  }
});

test('a manifest of another run is said to be one', async (t) => {
  const folder = await save(sample(), await directory(t));
  const file = join(folder, 'manifest.json');
  const { id } = sample();
  const foreign = (await readFile(file, 'utf8')).replace(id, 'another').replace(/"sha256": "..../g, '"sha256": "0000');
  await writeFile(file, foreign);
  await t.throwsAsync(loadRun(folder), { instanceOf: UnreadableRun, message: /not of the same run/ });
});

test('derived files may be added, needed ones must be listed', async (t) => {
  const folder = await save(sample(), await directory(t));
  await writeFile(join(folder, 'report.html'), '<html>');
  await writeFile(join(folder, 'analysis.json'), '{}');
  t.deepEqual(await loadRun(folder), sample());
  const manifest = join(folder, 'manifest.json');
  const unlisted = (await readFile(manifest, 'utf8')).replace('"traffic.jsonl.gz"', '"other.jsonl.gz"');
  await writeFile(manifest, unlisted);
  await t.throwsAsync(loadRun(folder), { instanceOf: UnreadableRun, message: /does not list traffic\.jsonl\.gz/ });
});

test('foreign and newer folders, and those that lead outside, are one line', async (t) => {
  const runs = await directory(t);
  const refused = async (folder: string, message: RegExp): Promise<void> => {
    await t.throwsAsync(loadRun(folder), { instanceOf: UnreadableRun, message });
  };
  await refused(join(runs, 'nowhere'), /there is no run folder/);
  await writeFile(join(runs, 'file'), '');
  await refused(join(runs, 'file'), /is not a folder/);
  await mkdir(join(runs, 'foreign'));
  await refused(join(runs, 'foreign'), /holds no run\.json: it is not a run/);
  await writeFile(join(runs, 'foreign', 'run.json'), '{"scripts": {}}');
  await refused(join(runs, 'foreign'), /is not a run record of plimsoll/);
  await writeFile(join(runs, 'foreign', 'run.json'), 'oops');
  await refused(join(runs, 'foreign'), /run\.json is not JSON/);
  await writeFile(join(runs, 'foreign', 'run.json'), '{"formatVersion": 99, "anything": 1}');
  await refused(join(runs, 'foreign'), /was written in format 99, and this plimsoll reads up to 1/);
  await unlink(join(runs, 'foreign', 'run.json'));
  await mkdir(join(runs, 'foreign', 'run.json'));
  await refused(join(runs, 'foreign'), /run\.json is not a file/);

  const folder = await save(sample(), runs);
  await unlink(join(folder, 'plan.json'));
  await symlink('/etc/hostname', join(folder, 'plan.json'));
  await refused(folder, /plan\.json is not a file/);
  const manifest = join(folder, 'manifest.json');
  await writeFile(manifest, (await readFile(manifest, 'utf8')).replace('"plan.json"', '"../plan.json"'));
  await refused(folder, /manifest\.json is not as it should be/);
});

test('all reasons of a bad record come at once', async (t) => {
  const folder = await save(sample(), await directory(t));
  const file = join(folder, 'run.json');
  const text = (await readFile(file, 'utf8'))
    .replace('"seed": 1', '"seed": "one"')
    .replace('"status": "completed"', '"status": "fine"');
  await writeFile(file, text);
  // With it the change itself would be the reason.
  await unlink(join(folder, 'manifest.json'));
  await t.throwsAsync(loadRun(folder), { instanceOf: UnreadableRun, message: /plan\.seed: .*outcome\.status: / });
});

test('a folder of every format version that ever was is still read', async (t) => {
  const records = fileURLToPath(new URL('../../fixtures/records', import.meta.url));
  for (let version = 1; version <= runRecordFormat; version++) {
    const folder = join(records, `format-${version}`, `20261121-091300-format-${version}-0001`);
    const loaded = await loadRun(folder);
    t.is(loaded.formatVersion, runRecordFormat);
    if (loaded.traffic.status !== 'captured') throw new Error('no traffic');
    const { counts, cells } = loaded.traffic.value;
    t.is(
      counts.reduce((sum, { due }) => sum + due, 0),
      70,
    );
    t.is(
      cells.reduce((sum, { count }) => sum + count, 0),
      70,
    );
    t.deepEqual(await loadRun(await save(loaded, await directory(t))), loaded);
  }
});

test('the documentation names every file and every key', async (t) => {
  const text = await readFile(new URL('../../docs/run-record.md', import.meta.url), 'utf8');
  const keys = [
    ...Object.keys(summaryShape.shape),
    ...Object.keys(planShape.shape),
    ...Object.keys(summaryShape.shape.environment.shape.host.shape),
    ...Object.keys(summaryShape.shape.environment.shape.target.shape),
    ...Object.values(runFiles),
  ];
  t.deepEqual(
    keys.filter((key) => !new RegExp(`\\b${key}\\b`).test(text)),
    [],
  );
});

test('an abandoned folder is readable and stays partial', async (t) => {
  const { plan, startedAt } = sample();
  const job = {
    plan,
    startedAt,
    runsDirectory: await directory(t),
    world: { environment: {} },
    requestsModule: null,
    secrets: {},
  };
  const folder = await openRunFolder(job);
  for (const line of linesOf(sample())) folder.addTrafficLine(line);
  await folder.abandon();
  const loaded = await loadRun(folder.path);
  t.is(loaded.traffic.status, 'captured');
  t.is(loaded.outcome.status, 'aborted');
});

/** A run that is killed: opens a folder, writes what it is told, and waits. */
const writer = `
import { openRunFolder } from ${JSON.stringify(new URL('open-run-folder.ts', import.meta.url).href)};
const { record, lines, runsDirectory } = JSON.parse(process.argv[1]);
const folder = await openRunFolder({ plan: record.plan, runsDirectory, startedAt: record.startedAt, world: { environment: {} }, requestsModule: null, secrets: {} });
await folder.note({ readinessRequests: 2 });
for (const line of lines) folder.addTrafficLine(line);
for (const scrape of record.scrapes) folder.addScrape(scrape);
await folder.saveProfile(record.profiles[0], Buffer.from('not really a profile'));
setTimeout(() => { console.log(folder.path); folder.addTrafficLine(lines.at(-1)); }, 2500);
setInterval(() => {}, 1000);
`;

async function killedRun(t: ExecutionContext, record: RunRecord, lines: readonly string[]): Promise<string> {
  const job = JSON.stringify({ record, lines, runsDirectory: await directory(t) });
  const child = spawn(process.execPath, ['--input-type=module', '-e', writer, job], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [said] = await once(child.stdout, 'data');
  child.kill('SIGKILL');
  await once(child, 'exit');
  return String(said).trim();
}

function linesOf(record: RunRecord): string[] {
  if (record.traffic.status !== 'captured') return [];
  const { engine, startedAt, cells, counts, health } = record.traffic.value;
  return [
    { kind: 'ready', protocol: 1, engine, processId: 1, selfTest: {} },
    { kind: 'started', startedAt },
    ...health.map((each) => ({
      kind: 'second',
      second: each.second,
      counts: counts.filter(({ second }) => second === each.second),
      cells: cells.filter(({ second }) => second === each.second),
      health: each,
    })),
  ].map((line) => JSON.stringify(line));
}

test('after kill -9 the folder is marked partial and holds what was measured', async (t) => {
  t.timeout(40_000);
  const record = sample();
  const folder = await killedRun(t, record, linesOf(record));
  t.true(folder.endsWith('.partial'));
  const loaded = await loadRun(folder);
  t.is(loaded.outcome.status, 'aborted');
  t.regex(
    loaded.outcome.status === 'aborted' ? loaded.outcome.reason : '',
    /in second \d+ of the load, before the run was complete/,
  );
  t.deepEqual(loaded.plan, record.plan);
  t.deepEqual(loaded.scrapes, record.scrapes);
  t.deepEqual(loaded.profiles, record.profiles.slice(0, 1));
  t.deepEqual(await readProfile(folder, profile), profileBytes);
  t.is(loaded.readinessRequests, 2);
  t.deepEqual(
    loaded.collectors.map(({ collector, status }) => [collector, status]),
    [['prometheus', captured({ readings: 2, failures: 1 })]],
  );
  if (loaded.traffic.status !== 'captured' || record.traffic.status !== 'captured') throw new Error('no traffic');
  const { value } = loaded.traffic;
  t.false(value.complete);
  t.deepEqual(value.health, record.traffic.value.health);
  t.is(value.cells.length, record.traffic.value.cells.length);
  t.is(value.engine.name, record.traffic.value.engine.name);

  // Every shorter piece of the bulk files is readable, too, and gives a beginning of the same.
  const file = join(folder, 'traffic.jsonl.gz');
  const content = await readFile(file);
  for (let size = content.length - 1; size >= 0; size -= Math.ceil(content.length / 40)) {
    await truncate(file, size);
    const cut = await loadRun(folder);
    const health = cut.traffic.status === 'captured' ? cut.traffic.value.health : [];
    t.deepEqual(health, value.health.slice(0, health.length));
  }
  await rm(file);
  t.is((await loadRun(folder)).traffic.status, 'not-collected');
});

test('killed before the load: the record says so', async (t) => {
  t.timeout(40_000);
  const folder = await killedRun(t, sample(), []);
  const loaded = await loadRun(folder);
  t.is(loaded.traffic.status, 'not-collected');
  t.regex(loaded.outcome.status === 'aborted' ? loaded.outcome.reason : '', /before the load began/);
});

const secretValues = { TOKEN: 'geheimes-token-1', DATABASE_PASSWORD: 'pass"word\\2', KEY: 'line-one\nline-two-of-key' };

test('no secret reaches any file', async (t) => {
  const runs = await directory(t);
  const base = sample();
  const headers = { Authorization: 'Bearer literal-bearer', Cookie: 'session=literal-cookie', 'X-Token': 'env:TOKEN' };
  const expect = { statuses: [], body: null };
  const plan: Plan = {
    ...base.plan,
    target: {
      kind: 'launch',
      url: null,
      readyPath: null,
      readyTimeoutMs: seconds(1),
      command: ['./orders', 'postgres://me:literal-password@db/orders'],
      workingDirectory: '/',
      environment: { PASSWORD: 'env:DATABASE_PASSWORD', KEY: 'env:KEY' },
      listeningPattern: 'x',
      limits: { memoryBytes: null, cpus: null },
    },
    traffic: {
      kind: 'endpoints',
      rows: [],
      endpoints: [{ name: 'GET /', weight: 1, method: 'GET', path: '/', headers, body: null, expect }],
    },
    collect: { ...base.plan.collect, adminHeaders: { authorization: 'Basic literal-basic' } },
  };
  const { DATABASE_PASSWORD, ...environment } = secretValues;
  const folder = await openRunFolder({
    plan,
    runsDirectory: runs,
    startedAt: base.startedAt,
    world: { environment },
    requestsModule: null,
    secrets: { DATABASE_PASSWORD },
  });
  const leak = `${Object.values(secretValues).join(' ')} http://me:literal-password@h/`;
  folder.addTrafficLine(JSON.stringify({ kind: 'failed', reason: leak, hint: '' }));
  folder.addTrafficLine(leak.replaceAll('\n', ' '));
  folder.addScrape(scrape(secretValues.TOKEN));
  folder.addScrape(scrape(JSON.stringify({ nested: leak }), leak));
  await folder.saveProfile({ ...profile, content: captureFailed(leak) }, null);
  const target = { ...base.environment.target, command: [leak], notes: [leak] };
  const path = await folder.complete({
    ...base,
    id: folder.id,
    plan,
    environment: { ...base.environment, target },
    outcome: { status: 'failed', phase: 'target', reason: leak, hint: leak },
    traffic: captureFailed(leak),
    collectors: base.collectors.map((collector) => ({ ...collector, status: captureFailed(leak) })),
    profiles: [{ ...profile, content: captureFailed(leak) }],
  });
  const forbidden = [
    'literal-bearer',
    'literal-cookie',
    'literal-basic',
    'geheimes-token-1',
    'pass"word\\2',
    'pass\\"word',
    'line-one',
    'line-two',
  ];
  let read = 0;
  for (const entry of await readdir(path, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const raw = await readFile(join(entry.parentPath, entry.name));
    const text = (entry.name.endsWith('.gz') ? gunzipSync(raw) : raw).toString();
    for (const secret of forbidden) t.false(text.includes(secret), `${secret} is in ${entry.name}`);
    if (entry.name.endsWith('.json'))
      t.false(text.includes('literal-password'), `a URL's password is in ${entry.name}`);
    read++;
  }
  t.is(read, 5);
});

test('free disk is what df says', async (t) => {
  const { stdout } = await run('df', ['--output=avail', '-B1', tmpdir()]);
  const said = Number(stdout.trim().split('\n').at(-1));
  const found = await freeDisk(tmpdir());
  t.true(Math.abs(found - said) < mebibytes(500), `${found} against ${said}`);
});

test.skipIf(!mayMount)(
  'a full disk is a failure with its code, and what was written is kept (needs to mount)',
  async (t) => {
    const place = await directory(t);
    t.true(await mountSmall(place));
    t.teardown(async () => run('umount', [place]));
    const record = sample();
    const folder = await openRunFolder({
      plan: record.plan,
      runsDirectory: place,
      startedAt: record.startedAt,
      world: { environment: {} },
      requestsModule: null,
      secrets: {},
    });
    for (const line of linesOf(record)) folder.addTrafficLine(line);
    const failures: StoreFailure[] = [];
    void folder.broken.then((failure) => failures.push(failure));
    for (let reading = 0; failures.length === 0 && reading < 500; reading++) {
      folder.addScrape(scrape(randomBytes(6_000).toString('base64')));
      await pause(10);
    }
    t.is(failures[0]?.code, 'disk-full');
    t.is(failures[0]?.phase, 'store');
    t.regex(failures[0]?.message ?? '', /the disk is full: .*metrics\.jsonl\.gz/);
    folder.addScrape(scrape('dropped without harm'));
    await t.throwsAsync(folder.complete({ ...record, id: folder.id }), {
      instanceOf: StoreFailure,
      message: /the disk is full/,
    });
    const loaded = await loadRun(folder.path);
    t.is(loaded.outcome.status, 'aborted');
    t.true(loaded.scrapes.length > 5);
    await t.throwsAsync(
      openRunFolder({
        plan: record.plan,
        runsDirectory: place,
        startedAt: record.startedAt,
        world: { environment: {} },
        requestsModule: null,
        secrets: {},
      }),
      { instanceOf: StoreFailure },
    );
  },
);

test('a place that cannot be written to is a failure with a hint', async (t) => {
  const place = join(await directory(t), 'a-file');
  await writeFile(place, '');
  const { plan, startedAt } = sample();
  const job = { plan, startedAt, world: { environment: {} }, requestsModule: null, secrets: {} };
  await t.throwsAsync(openRunFolder({ ...job, runsDirectory: place }), { instanceOf: StoreFailure, message: /a-file/ });
});

/** Changes one JSON value somewhere: another kind, another number, gone, or nested deeply. */
function mutateJson(data: unknown, choose: (below: number) => number): unknown {
  const odd = [
    null,
    -1,
    1e308,
    0.5,
    '',
    'x'.repeat(10_000),
    [],
    {},
    true,
    JSON.parse(`${'['.repeat(500)}${']'.repeat(500)}`),
  ];
  if (typeof data !== 'object' || data === null || choose(6) === 0) return odd[choose(odd.length)];
  const entries = Object.entries(data);
  if (entries.length === 0) return odd[choose(odd.length)];
  const [key, value] = entries[choose(entries.length)] ?? ['', null];
  if (Array.isArray(data)) return data.with(Number(key), mutateJson(value, choose));
  const { [key]: _, ...rest } = Object.fromEntries(entries);
  switch (choose(8)) {
    case 0:
      return rest;
    case 1:
      return { ...rest, [`${key}x`]: value };
    default:
      return { ...rest, [key]: mutateJson(value, choose) };
  }
}

test('whatever is done to the files of a folder, it is read, or refused in one line', async (t) => {
  t.timeout(100_000);
  const runs = await directory(t);
  const complete = await save(sample(), runs);
  const partial = join(runs, 'partial');
  await cp(complete, partial, { recursive: true });
  await unlink(join(partial, 'manifest.json'));
  const record = join(partial, 'run.json');
  await writeFile(record, (await readFile(record, 'utf8')).replace('"state": "complete"', '"state": "partial"'));
  const names = [
    'run.json',
    'plan.json',
    'traffic.jsonl.gz',
    'metrics.jsonl.gz',
    'profiles/01-cpu.pb.gz',
    'manifest.json',
  ];
  const random = seededRandom(7);
  const choose = (below: number): number => random.below(below);
  const seen = { read: 0, refused: 0 };
  for (let round = 0; round < 600; round++) {
    const folder = choose(2) === 0 ? complete : partial;
    const name = names[choose(folder === partial ? names.length - 1 : names.length)] ?? '';
    const file = join(folder, name);
    const whole = await readFile(file);
    await writeFile(file, damaged(whole, name, choose));
    try {
      await loadRun(folder);
      seen.read++;
    } catch (error) {
      if (!(error instanceof UnreadableRun)) throw error;
      t.false(/[\n\r]/.test(error.message) || error.message.length > 4_000, error.message.slice(0, 200));
      t.not(error.hint, '');
      seen.refused++;
    }
    await writeFile(file, whole);
  }
  t.true(seen.read > 20 && seen.refused > 200, JSON.stringify(seen));
  t.deepEqual(await loadRun(complete), sample());
});

function damaged(whole: Buffer, name: string, choose: (below: number) => number): Buffer {
  const copy = Buffer.from(whole);
  const way = choose(4);
  if (way === 0) return copy.subarray(0, choose(copy.length));
  if (way === 1 && name.endsWith('.json'))
    return Buffer.from(JSON.stringify(mutateJson(JSON.parse(String(copy)), choose)));
  if (way === 1 && name.endsWith('.jsonl.gz')) {
    const lines = String(gunzipSync(copy)).trimEnd().split('\n');
    const at = choose(lines.length);
    return gzipSync(lines.with(at, JSON.stringify(mutateJson(JSON.parse(lines[at] ?? ''), choose))).join('\n'));
  }
  if (way === 2) return Buffer.concat([copy, copy.subarray(choose(copy.length))]);
  for (let edits = 1 + choose(4); edits > 0; edits--) copy[choose(copy.length)] = choose(256);
  return copy;
}

test('a bomb of one endless line is refused', async (t) => {
  const folder = await save(sample(), await directory(t));
  const state = join(folder, 'run.json');
  await writeFile(state, (await readFile(state, 'utf8')).replace('"state": "complete"', '"state": "partial"'));
  await unlink(join(folder, 'manifest.json'));
  await writeFile(join(folder, 'metrics.jsonl.gz'), gzipSync(Buffer.alloc(mebibytes(150))));
  await t.throwsAsync(loadRun(folder), { instanceOf: UnreadableRun, message: /too long to be true/ });
});
