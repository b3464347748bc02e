import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, constants, mkdtemp, readFile, readdir, readlink, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import type { LaunchPlan, Plan } from '../../model/plan.ts';
import { mebibytes, milliseconds, seconds } from '../../model/units.ts';
import { buildRunRecord } from '../../fixtures/records/build-run-record.ts';
import { RunFailure, type World, realWorld } from '../world.ts';
import { groupLimits, groupPlacesOf } from './control-groups.ts';
import { acquireTarget } from './acquire-target.ts';
import { describeEnvironment } from './describe-environment.ts';
import { processStat } from './process-group.ts';
import { allowedProcessors, canPin } from './processor-sets.ts';
import type { Target, TargetContext } from './target.ts';

const processors = await allowedProcessors();
const mayPin = processors.length > 1 && (await canPin());
const places = await groupPlacesOf('self');
const maySetLimits = await Promise.all(
  [places.cpu, places.memory].map(async (place) =>
    place === null || place.version === 2
      ? false // which group would hand controllers down is tested in control-groups.test.ts
      : access(place.folder, constants.W_OK).then(
          () => true,
          () => false,
        ),
  ),
);
const program = fileURLToPath(new URL('../../fixtures/programs/small-target.ts', import.meta.url));
const base: LaunchPlan = {
  kind: 'launch',
  url: null,
  readyPath: null,
  readyTimeoutMs: seconds(20),
  command: [process.execPath, program],
  workingDirectory: tmpdir(),
  environment: {},
  listeningPattern: 'listening on (\\S+)',
  limits: { memoryBytes: null, cpus: null },
};

interface Launched {
  readonly target: Target;
  readonly log: string;
}

const withFlags = (...flags: string[]): Pick<LaunchPlan, 'command'> => ({
  command: [process.execPath, program, ...flags],
});

function planFor(target: Partial<LaunchPlan>, changes: Partial<Plan> = {}): Plan {
  const { plan } = buildRunRecord({ stages: [{ rate: 1, seconds: 1 }] });
  const collect = { ...plan.collect, gctrace: false };
  return {
    ...plan,
    processors: { generator: null, target: null },
    collect,
    ...changes,
    target: { ...base, ...target },
  };
}

const world = (environment: World['environment'] = process.env, interrupted = new AbortController().signal): World => ({
  ...realWorld({ say: () => {}, interrupted }),
  environment,
});

async function directory(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-launch-'));
  t.teardown(async () => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function context(
  t: ExecutionContext,
  redact = (text: string) => text,
  onErrorLine: TargetContext['onErrorLine'] = () => {},
): Promise<TargetContext> {
  const folder = await directory(t);
  return { runId: 'the-run', log: join(folder, 'target.log'), redact, onErrorLine };
}

async function launch(t: ExecutionContext, plan: Plan, inWorld = world()): Promise<Launched> {
  const place = await context(t);
  const target = await acquireTarget(plan, inWorld, place);
  t.teardown(async () => target.stop());
  return { target, log: place.log };
}

async function failure(
  t: ExecutionContext,
  plan: Plan,
  inWorld = world(),
): Promise<{ failed: RunFailure; log: string }> {
  const place = await context(t);
  const failed = await t.throwsAsync(acquireTarget(plan, inWorld, place), { instanceOf: RunFailure });
  t.is(failed.phase, 'target');
  return { failed, log: await readFile(place.log, 'utf8').catch(() => '') };
}

const isRunning = async (processId: number): Promise<boolean> => {
  const stat = await processStat(processId);
  return stat !== null && stat.state !== 'Z' && stat.state !== 'X';
};

async function isGone(processId: number): Promise<boolean> {
  for (let look = 0; look < 250; look++) {
    if (!(await isRunning(processId))) return true;
    await pause(40);
  }
  return false;
}

const linux = test.skipIf(process.platform !== 'linux');

linux('ready at the address it says, with its own process id, log and environment', async (t) => {
  const plan = planFor({ ...withFlags('--print', 'GREETING'), environment: { GREETING: 'env:WORD' } });
  const { target, log } = await launch(t, plan, world({ ...process.env, WORD: 'hello' }));
  t.regex(target.url, /^http:\/\/127\.0\.0\.1:\d+$/);
  t.is((await fetch(target.url)).status, 200);
  t.is(target.readinessRequests, 0);
  t.is(await readlink(`/proc/${String(target.processId)}/exe`), process.execPath);
  await target.stop();
  await target.stop();
  const exit = await target.exited;
  t.deepEqual([exit.code, exit.signal], [null, 'SIGTERM']);
  const text = await readFile(log, 'utf8');
  t.true(text.includes('GREETING is hello') && text.includes('small target starts'));
  await t.throwsAsync(fetch(target.url));
});

linux('the readiness path is asked until it answers 2xx, and each request is counted', async (t) => {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    seen.push(`${request.url} ${String(request.headers['x-plimsoll-run'])}`);
    response.writeHead(seen.length < 3 ? 503 : 204).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  const plan = planFor({});
  const attach = { kind: 'attach', url, readyPath: '/ready', readyTimeoutMs: seconds(20) } as const;
  const headers = { run: 'x-plimsoll-run', stage: 'x-plimsoll-stage' };
  const attached = await acquireTarget({ ...plan, target: attach, headers }, world(), await context(t));
  t.is(attached.readinessRequests, 3);
  t.deepEqual(
    seen,
    Array.from({ length: 3 }, () => '/ready the-run'),
  );
  t.is(attached.processId, process.pid);
});

linux('a launched one is asked on its readiness path, too', async (t) => {
  const { target } = await launch(t, planFor({ ...withFlags('--ready-after', '400'), readyPath: '/healthz' }));
  t.is((await fetch(target.url)).status, 200);
  t.true(target.readinessRequests >= 1);
});

linux('stop takes the whole group, and one that will not go is made to', async (t) => {
  t.timeout(40_000);
  const { target, log } = await launch(t, planFor(withFlags('--with-child', '--ignore-term')));
  const child = Number(/child (\d+)/.exec(await readFile(log, 'utf8'))?.[1]);
  t.true(await isRunning(child));
  await target.stop();
  const exit = await target.exited;
  t.is(exit.signal, 'SIGKILL');
  t.true(await isGone(child));
});

linux('stop leaves no wait behind, which would keep plimsoll from ending', async (t) => {
  const real = world();
  let waiting = 0;
  const counting: World = {
    ...real,
    sleep: async (duration, signal) => {
      waiting++;
      await real.sleep(duration, signal);
      waiting--;
    },
  };
  const { target } = await launch(t, planFor({}), counting);
  await target.stop();
  await pause(0);
  t.is(waiting, 0);
});

linux('early exit: the code, its last words, nothing left', async (t) => {
  const { failed, log } = await failure(t, planFor(withFlags('--exit', '3', '--print', 'NOTHING')));
  t.regex(failed.message, /ended before it was ready, with exit code 3; it said last: small target starts/);
  t.true(log.includes('NOTHING is unset'));
});

linux('a code above 128 is not taken for a signal', async (t) => {
  t.regex((await failure(t, planFor(withFlags('--exit', '137')))).failed.message, /with exit code 137/);
});

linux('death later on is told at once', async (t) => {
  const { target } = await launch(t, planFor({}));
  process.kill(target.processId ?? 0, 'SIGKILL');
  const exit = await target.exited;
  t.deepEqual([exit.code, exit.signal, exit.description], [null, 'SIGKILL', 'the target ended by SIGKILL']);
  t.is(exit.asFailure('load').phase, 'load');
});

linux('never ready: says nothing, or never answers 2xx', async (t) => {
  const short = { readyTimeoutMs: milliseconds(1_500) };
  const silent = await failure(t, planFor({ ...withFlags('--mute'), ...short }));
  t.regex(silent.failed.message, /did not say where it listens within 1\.5 s/);
  const unready = await failure(t, planFor({ ...withFlags('--ready-after', '60000'), ...short, readyPath: '/' }));
  t.regex(unready.failed.message, /was not ready within .* s: \/ answered with status 503/);
});

linux('a port that is taken is noticed before and after the start', async (t) => {
  const { target } = await launch(t, planFor({}));
  const { port } = target.address;
  const before = await failure(t, planFor({ url: target.url, listeningPattern: null }));
  t.regex(
    before.failed.message,
    new RegExp(`already listens on 127.0.0.1:${port}: process ${target.processId} \\(node\\)`),
  );
  const later = await failure(t, planFor(withFlags('--port', String(port))));
  t.regex(later.failed.message, /with exit code 1; it said last: .*EADDRINUSE/s);
  t.is(later.failed.hint, 'end what holds the port, or give the target another one');
});

linux('what cannot be started is one failure with a hint', async (t) => {
  const missing = await failure(t, planFor({ command: ['no-such-program-here'] }));
  t.regex(missing.failed.message, /no-such-program-here was not found/);
  const text = join(await directory(t), 'text');
  await writeFile(text, 'no program', { mode: 0o644 });
  const plain = await failure(t, planFor({ command: [text] }));
  t.regex(plain.failed.message, /may not be executed/);
  const nowhere = await failure(t, planFor({ workingDirectory: '/no/such/folder' }));
  t.regex(nowhere.failed.message, /working directory \/no\/such\/folder is not there/);
  const unset = await failure(t, planFor({ environment: { A: 'env:NOT_SET_1', B: 'env:NOT_SET_2' } }));
  t.regex(unset.failed.message, /A wants NOT_SET_1, B wants NOT_SET_2/);
  const elsewhere = await failure(t, planFor({}, { processors: { generator: null, target: '0,999' } }));
  t.regex(elsewhere.failed.message, /cannot run on processors "0,999"/);
});

linux('words of the user are never read by a shell', async (t) => {
  const marker = join(await directory(t), 'made');
  const { target, log } = await launch(
    t,
    planFor(withFlags('--says', `$(touch ${marker}); touch ${marker} "' listening on`)),
  );
  await target.stop();
  t.true((await readFile(log, 'utf8')).includes(`$(touch ${marker}); touch ${marker} "'`));
  await t.throwsAsync(access(marker));
});

linux('an interruption ends the waiting and the target', async (t) => {
  const stopping = new AbortController();
  const waiting = failure(t, planFor(withFlags('--mute')), world(process.env, stopping.signal));
  await pause(300);
  stopping.abort();
  const { failed } = await waiting;
  t.regex(failed.message, /interrupted/);
});

linux('a command that starts the server as its child: readings are of the child', async (t) => {
  const command = ['/bin/sh', '-c', '"$@"; exit $?', 'sh', process.execPath, program] as const;
  const { target } = await launch(t, planFor({ command }));
  t.is(await readlink(`/proc/${String(target.processId)}/exe`), process.execPath);
  t.true(target.notes.some((note) => note.includes('started another process that serves')));
});

linux('standard error comes line by line, from the first', async (t) => {
  const lines: string[] = [];
  const place = await context(t, undefined, (line) => lines.push(line));
  const target = await acquireTarget(planFor(withFlags('--ignore-term')), world(), place);
  t.deepEqual(lines, ['small target starts']);
  process.kill(target.processId ?? 0, 'SIGTERM');
  for (let look = 0; look < 100 && lines.length < 2; look++) await pause(50);
  t.deepEqual(lines, ['small target starts', 'no']);
  process.kill(target.processId ?? 0, 'SIGKILL');
  await target.stop();
});

linux('gctrace is added to what GODEBUG holds', async (t) => {
  const plan = planFor({ ...withFlags('--print', 'GODEBUG'), environment: { GODEBUG: 'madvdontneed=1' } });
  const { target, log } = await launch(t, { ...plan, collect: { ...plan.collect, gctrace: true } });
  await target.stop();
  t.true((await readFile(log, 'utf8')).includes('GODEBUG is madvdontneed=1,gctrace=1'));
});

linux('of its environment only the three settings of the Go runtime are recorded', async (t) => {
  const environment = { GOGC: '50', GOMEMLIMIT: 'env:LIMIT', GOMAXPROCS: '2', GOGCX: 'geheim', TOKEN: 'geheim' };
  const plan = planFor({ environment });
  const { target } = await launch(t, plan, world({ ...process.env, LIMIT: '512MiB', GOMAXPROCSX: 'geheim' }));
  const { target: described } = await describeEnvironment(plan, target);
  t.deepEqual([described.gogc, described.gomemlimit, described.gomaxprocs], ['50', '512MiB', 2]);
  t.false(JSON.stringify(described).includes('geheim'));
  t.is(described.goVersion, null);
  t.true(described.notes.includes('no Go build information could be read from the binary'));
});

linux('secrets in its output are hidden', async (t) => {
  const place = await context(t, (text) => text.replaceAll('geheim', '[hidden]'));
  const plan = planFor({ ...withFlags('--print', 'TOKEN', '--exit', '1'), environment: { TOKEN: 'env:TOKEN' } });
  await t.throwsAsync(acquireTarget(plan, world({ ...process.env, TOKEN: 'geheim' }), place));
  t.regex(await readFile(place.log, 'utf8'), /TOKEN is \[hidden\]/);
});

test.skipIf(process.platform !== 'linux' || !mayPin)('pinned where the plan says', async (t) => {
  const last = String(processors.at(-1));
  const plan = planFor({}, { processors: { generator: null, target: last } });
  const { target } = await launch(t, plan);
  const environment = await describeEnvironment(plan, target);
  t.is(environment.target.processorSet, last);
  t.is(environment.target.processId, target.processId);
  t.is(await readlink(`/proc/${String(target.processId)}/exe`), process.execPath);
});

test.skipIf(process.platform !== 'linux' || maySetLimits.includes(false))(
  'limits are in force, told apart from other deaths, and their groups go away (needs writable control groups)',
  async (t) => {
    const limits = { memoryBytes: mebibytes(96), cpus: 0.5 };
    const plan = planFor({ limits });
    const { target } = await launch(t, plan);
    const own = await groupPlacesOf(target.processId ?? 0);
    t.deepEqual(await groupLimits(own), { cpuLimit: 0.5, memoryLimitBytes: mebibytes(96) });
    const folder = own.memory?.folder ?? '';
    t.true((await readFile(join(folder, 'cgroup.procs'), 'utf8')).split('\n').includes(String(target.processId)));
    const environment = await describeEnvironment(plan, target);
    t.is(environment.target.cpuLimit, 0.5);
    t.is(environment.target.memoryLimitBytes, mebibytes(96));
    await target.stop();
    await t.throwsAsync(readdir(folder), { code: 'ENOENT' });

    const greedy = 'const kept = []; for (;;) kept.push(Buffer.alloc(1 << 24, 1));';
    const starved = await failure(t, planFor({ limits, command: [process.execPath, '-e', greedy] }));
    t.regex(starved.failed.message, /by SIGKILL: it needed more than its memory limit/);
    t.regex(starved.failed.hint, /GOMEMLIMIT/);
  },
);

/** A plimsoll that launches a target, says so, and is then killed by the test. */
const conductor = `
import { acquireTarget } from ${JSON.stringify(new URL('acquire-target.ts', import.meta.url).href)};
import { realWorld } from ${JSON.stringify(new URL('../world.ts', import.meta.url).href)};
const plan = JSON.parse(process.argv[1]);
const world = realWorld({ say: () => {}, interrupted: new AbortController().signal });
const target = await acquireTarget(plan, world, { runId: 'r', log: process.argv[2], redact: (text) => text, onErrorLine: () => {} });
console.log(JSON.stringify({ processId: target.processId, notes: target.notes }));
setInterval(() => {}, 1000);
`;

linux('killed by SIGKILL, plimsoll leaves no target, no child of it and no control group', async (t) => {
  t.timeout(40_000);
  const { log } = await context(t);
  const limits = maySetLimits.includes(false) ? base.limits : { memoryBytes: mebibytes(256), cpus: 1 };
  const plan = planFor({ ...withFlags('--with-child', '--ignore-term'), limits });
  const parent = spawn(process.execPath, ['--input-type=module', '-e', conductor, JSON.stringify(plan), log], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [said] = await once(parent.stdout, 'data');
  const processId = Number(/"processId":(\d+)/.exec(String(said))?.[1]);
  const child = Number(/child (\d+)/.exec(await readFile(log, 'utf8'))?.[1]);
  const { memory } = await groupPlacesOf(processId);
  t.true((await isRunning(processId)) && (await isRunning(child)));
  parent.kill('SIGKILL');
  t.true(await isGone(processId), 'the target lives on');
  t.true(await isGone(child), 'its child lives on');
  if (memory !== null && !maySetLimits.includes(false)) {
    for (let look = 0; look < 100 && (await readdir(memory.folder).catch(() => null)) !== null; look++) await pause(50);
    await t.throwsAsync(readdir(memory.folder), { code: 'ENOENT' });
  }
});
