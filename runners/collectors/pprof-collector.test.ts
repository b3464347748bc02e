import { readFile } from 'node:fs/promises';
import test from 'ava';
import { type Answer, startBadServer } from '../../fixtures/bad-server.ts';
import type { ProfileCapture } from '../../model/measurements.ts';
import type { PprofPlan, ProfileCapturePlan } from '../../model/plan.ts';
import { after, kibibytes, mebibytes, milliseconds, seconds } from '../../model/units.ts';
import { realWorld } from '../world.ts';
import type { Collector, CollectorContext } from './port.ts';
import { pprofCollector } from './pprof-collector.ts';

const world = realWorld({ say: () => undefined, interrupted: new AbortController().signal });
const context: CollectorContext = {
  world,
  processId: null,
  address: null,
  generatorProcessId: null,
  record: () => undefined,
};
const profile = await readFile(new URL('../../fixtures/captures/heap-idle.pb.gz', import.meta.url));
const index = await readFile(new URL('../../fixtures/captures/pprof-index.html', import.meta.url), 'utf8');
const html: Answer = (_, response) => void response.writeHead(200, { 'content-type': 'text/html' }).end(index);
const whole: Answer = (_, response) => void response.end(profile);
const late =
  (ms: number): Answer =>
  (_, response) =>
    void setTimeout(() => response.end(profile), ms);

function capture(kind: ProfileCapturePlan['kind'], atMs: number, more: Partial<ProfileCapturePlan> = {}) {
  const durationMs = kind === 'cpu' ? seconds(1) : milliseconds(0);
  return { stage: 0, label: 'stage', kind, atMs: milliseconds(atMs), durationMs, afterGc: false, ...more } as const;
}

interface Taken {
  readonly capture: ProfileCapture;
  readonly content: Uint8Array | null;
}

function collectorOf(url: string, captures: readonly ProfileCapturePlan[], maxBytes = mebibytes(1), instance = 1) {
  const taken: Taken[] = [];
  const plan: PprofPlan = { url: `${url}/debug/pprof`, furtherUrls: [], maxBytes, captures };
  const collector: Collector = pprofCollector(
    plan,
    {
      access: { headers: {}, secrets: {} },
      saveProfile: (saved, content) => {
        taken.push({ capture: saved, content });
        return Promise.resolve();
      },
    },
    instance,
  );
  const finished = async (): Promise<void> => {
    while (taken.length < captures.length) await world.sleep(milliseconds(10));
  };
  return { collector, taken, finished };
}

const reasonOf = (taken: Taken | undefined): string =>
  taken === undefined || taken.capture.content.status === 'captured' ? 'it was taken' : taken.capture.content.reason;

test('takes what the plan says, in its order, one at a time, each filed under its name', async (t) => {
  let running = 0;
  let most = 0;
  const counted: Answer = (_, response) => {
    most = Math.max(most, ++running);
    setTimeout(() => {
      running--;
      response.end(profile);
    }, 50);
  };
  const names = ['profile', 'heap', 'allocs', 'goroutine', 'mutex', 'block'];
  const server = await startBadServer(Object.fromEntries(names.map((name) => [`/debug/pprof/${name}`, counted])));
  const { collector, taken, finished } = collectorOf(server.url, [
    capture('heap', 400, { stage: null, label: 'cool-down', afterGc: true }),
    capture('mutex', 200),
    capture('goroutine', -100, { stage: null, label: 'baseline' }),
    capture('cpu', 100, { durationMs: milliseconds(2900) }),
  ]);
  const loadStartsAt = after(world.now(), milliseconds(300));
  collector.start(context, loadStartsAt);
  await finished();
  const summary = await collector.stop();
  await server.close();
  t.is(most, 1);
  t.deepEqual(server.asked, [
    '/debug/pprof/goroutine',
    '/debug/pprof/profile?seconds=2',
    '/debug/pprof/mutex',
    '/debug/pprof/heap?gc=1',
  ]);
  t.deepEqual(
    taken.map(({ capture: { content } }) => (content.status === 'captured' ? content.value.file : content.reason)),
    [
      'profiles/baseline-goroutine.pb.gz',
      'profiles/00-cpu.pb.gz',
      'profiles/00-mutex.pb.gz',
      'profiles/cool-down-heap.pb.gz',
    ],
  );
  t.deepEqual(
    taken.map(({ capture: { cumulative, durationMs } }) => [cumulative, durationMs]),
    [
      [false, milliseconds(0)],
      [false, seconds(2)],
      [true, milliseconds(0)],
      [false, milliseconds(0)],
    ],
  );
  for (const { content } of taken) t.deepEqual(Buffer.from(content ?? []), profile);
  t.true((taken[1]?.capture.startedAt ?? 0) >= loadStartsAt + 100);
  t.deepEqual(summary.status, { status: 'captured', value: { readings: 4, failures: 0 } });
});

test('profiles of a further address say where they came from, taken or not', async (t) => {
  const server = await startBadServer({ '/debug/pprof/heap': whole });
  const kinds = ['heap', 'mutex'] as const;
  const { collector, taken, finished } = collectorOf(
    server.url.replace('http://', 'http://user:password@'),
    kinds.map((kind, nth) => capture(kind, nth)),
    mebibytes(1),
    2,
  );
  collector.start(context, world.now());
  await finished();
  await collector.stop();
  await server.close();
  t.deepEqual(
    taken.map(({ capture: { kind, source, content } }) => [kind, source, content.status]),
    [
      ['heap', `${server.url}/debug/pprof`, 'captured'],
      ['mutex', `${server.url}/debug/pprof`, 'failed'],
    ],
  );
});

test('each failure has its reason and costs no other profile', async (t) => {
  const server = await startBadServer({
    '/debug/pprof/profile': (_, response) =>
      void response
        .writeHead(500, { 'x-go-pprof': '1' })
        .end('Could not enable CPU profiling: cpu profiling already in use\n'),
    '/debug/pprof/heap': (_, response) => {
      response.writeHead(200, { 'content-length': String(profile.length) });
      response.write(profile.subarray(0, 200), () => response.destroy());
    },
    '/debug/pprof/allocs': (_, response) => void response.end(profile.subarray(0, -20)),
    '/debug/pprof/mutex': (_, response) => void response.writeHead(401).end(),
    '/debug/pprof/block': (_, response) => void response.end(Buffer.alloc(kibibytes(5))),
    '/debug/pprof/goroutine': whole,
  });
  const kinds = ['cpu', 'heap', 'allocs', 'mutex', 'block', 'goroutine'] as const;
  const { collector, taken, finished } = collectorOf(
    server.url,
    kinds.map((kind, nth) => capture(kind, nth)),
    kibibytes(4),
  );
  collector.start(context, world.now());
  await finished();
  const summary = await collector.stop();
  await server.close();
  const expected = [/already running/, /closed the connection/, /cut off/, /401/, /limit of 4 KiB/, /it was taken/];
  for (const [at, pattern] of expected.entries()) {
    t.regex(reasonOf(taken[at]), pattern);
    t.is(taken[at]?.content === null, at < 5);
  }
  t.deepEqual(summary.status, { status: 'captured', value: { readings: 1, failures: 5 } });
});

test('a capture whose moment has passed is skipped with the reason, save after the load', async (t) => {
  const server = await startBadServer({
    '/debug/pprof/allocs': late(1500),
    '/debug/pprof/profile': whole,
    '/debug/pprof/heap': whole,
  });
  const { collector, taken, finished } = collectorOf(server.url, [
    capture('allocs', 0),
    capture('cpu', 100),
    capture('heap', 200, { stage: null, label: 'cool-down' }),
  ]);
  collector.start(context, world.now());
  await finished();
  await collector.stop();
  await server.close();
  t.regex(reasonOf(taken[1]), /^it was 1\.\d s late, after the profile before it/);
  t.is(taken[1]?.capture.content.status, 'not-collected');
  t.is(reasonOf(taken[2]), 'it was taken');
  t.deepEqual(server.asked, ['/debug/pprof/allocs', '/debug/pprof/heap']);
});

test('a baseline never runs into the load', async (t) => {
  const server = await startBadServer({ '/debug/pprof/profile': whole, '/debug/pprof/heap': whole });
  const { collector, taken, finished } = collectorOf(server.url, [
    capture('cpu', -900, { stage: null, label: 'baseline' }),
    capture('heap', -100, { stage: null, label: 'baseline' }),
  ]);
  collector.start(context, after(world.now(), milliseconds(500)));
  await finished();
  await collector.stop();
  await server.close();
  t.regex(reasonOf(taken[0]), /would have run into the load/);
  t.is(reasonOf(taken[1]), 'it was taken');
});

test('stop accounts for what was not due yet', async (t) => {
  const server = await startBadServer({ '/debug/pprof/heap': whole });
  const { collector, taken } = collectorOf(server.url, [capture('heap', 60_000), capture('cpu', 70_000)]);
  collector.start(context, world.now());
  const summary = await collector.stop();
  await server.close();
  t.deepEqual(taken.map(reasonOf), ['the run ended before it was due', 'the run ended before it was due']);
  t.is(summary.status.status, 'failed');
  t.deepEqual(server.asked, []);
});

test('stop still takes what is due already and waits in the queue', async (t) => {
  const server = await startBadServer({ '/debug/pprof/allocs': late(300), '/debug/pprof/heap': whole });
  const { collector, taken } = collectorOf(server.url, [
    capture('allocs', 0, { stage: null, label: 'cool-down' }),
    capture('heap', 1, { stage: null, label: 'cool-down' }),
  ]);
  collector.start(context, world.now());
  while (server.asked.length === 0) await world.sleep(milliseconds(10));
  await collector.stop();
  await server.close();
  t.deepEqual(taken.map(reasonOf), ['it was taken', 'it was taken']);
});

test('a profile that cannot be stored is a failure in the account, not an exception', async (t) => {
  const server = await startBadServer({ '/debug/pprof/heap': whole });
  const collector = pprofCollector(
    { url: `${server.url}/debug/pprof`, furtherUrls: [], maxBytes: mebibytes(1), captures: [capture('heap', 0)] },
    { access: { headers: {}, secrets: {} }, saveProfile: () => Promise.reject(new Error('no space left on device')) },
  );
  collector.start(context, world.now());
  while (server.asked.length === 0) await world.sleep(milliseconds(10));
  const summary = await collector.stop();
  await server.close();
  t.like(summary.status, { status: 'failed' });
  t.regex(summary.status.status === 'failed' ? summary.status.reason : '', /could not be stored: no space left/);
});

const checked = test.macro({
  exec: async (t, answers: Record<string, Answer>, expected: RegExp | null) => {
    const server = await startBadServer(answers);
    const { collector } = collectorOf(server.url, []);
    const reason = await collector.check(context);
    if (expected === null) t.is(reason, null);
    else t.regex(reason ?? 'accepted', expected);
    await collector.stop();
    await server.close();
  },
  title: (name) => `the check of ${name ?? ''}`,
});
test('the index', checked, { '/debug/pprof/': html }, null);
test('profiles without an index', checked, { '/debug/pprof/cmdline': whole }, null);
test('no profiles', checked, {}, /404: it is not served at this path; the usual one is \/debug\/pprof/);
test('a wish for credentials', checked, { '/debug/pprof/': (_, r) => void r.writeHead(401).end() }, /401: it wants/);
test(
  'another page',
  checked,
  { '/debug/pprof/': (_, r) => void r.end('<h1>hello</h1>') },
  /not the index of net\/http/,
);

test('an address that is none is a reason, not an exception', async (t) => {
  const { collector } = collectorOf('nonsense', [capture('heap', 0)]);
  t.is(await collector.check(context), 'the URL is not valid');
  collector.start(context, world.now());
  t.is((await collector.stop()).status.status, 'failed');
});
