import { gunzipSync } from 'node:zlib';
import test from 'ava';
import { buildTestProgram } from '../../fixtures/build-test-program.ts';
import { startMetricsTarget } from '../../fixtures/metrics-target.ts';
import type { ProfileCapture, Scrape } from '../../model/measurements.ts';
import type { CollectPlan, ScrapePlan } from '../../model/plan.ts';
import { after, mebibytes, milliseconds, seconds } from '../../model/units.ts';
import { realWorld } from '../world.ts';
import type { AdminAccess } from './admin-headers.ts';
import { collectorsForPlan } from './collectors-for-plan.ts';
import { gctraceCollector } from './gctrace-collector.ts';
import { type TargetProbe, probeTarget } from './probe-target.ts';

const world = realWorld({ say: () => undefined, interrupted: new AbortController().signal });
const secrets = { LOGIN: 'admin:hunter2' };
const adminHeaders = { Authorization: 'Basic env:LOGIN' };
const guarded = ['-admin-user', 'admin'];
const environment = { ADMIN_PASSWORD: 'hunter2', GODEBUG: 'gctrace=1' };
let binary: string;

// The first build of its dependencies takes half a minute.
test.before(async (t) => {
  t.timeout(300_000);
  binary = await buildTestProgram('metrics-target');
});

function scrape(url: string): ScrapePlan {
  return { url, intervalMs: milliseconds(200), timeoutMs: seconds(5), maxBytes: mebibytes(4) };
}

test.serial('everything a plan can ask for, of a real Go service behind a password', async (t) => {
  const gctrace = gctraceCollector(world);
  const target = await startMetricsTarget(binary, guarded, {
    environment,
    onErrorLine: (line) => gctrace.line(line),
  });
  const capture = { stage: 0, label: 'stage', durationMs: milliseconds(0), afterGc: false } as const;
  const collect: CollectPlan = {
    prometheus: [scrape(`${target.url}/metrics`)],
    expvar: [scrape(`${target.url}/debug/vars`)],
    pprof: {
      url: `${target.url}/debug/pprof`,
      maxBytes: mebibytes(4),
      furtherUrls: [],
      captures: [
        { ...capture, kind: 'heap', atMs: milliseconds(0), afterGc: true },
        { ...capture, kind: 'cpu', atMs: milliseconds(200), durationMs: seconds(1) },
        { ...capture, kind: 'block', atMs: milliseconds(1300) },
      ],
    },
    process: { intervalMs: milliseconds(200) },
    sockets: { intervalMs: milliseconds(200) },
    postgres: null,
    gctrace: true,
    adminHeaders,
  };
  const profiles: { capture: ProfileCapture; content: Uint8Array | null }[] = [];
  const collectors = collectorsForPlan(collect, {
    secrets,
    gctrace,
    saveProfile: (saved, content) => {
      profiles.push({ capture: saved, content });
      return Promise.resolve();
    },
  });
  const scrapes: Scrape[] = [];
  const { hostname, port } = new URL(target.url);
  const context = {
    world,
    processId: target.processId,
    address: { host: hostname, port: Number(port) },
    generatorProcessId: null,
    record: (reading: Scrape) => void scrapes.push(reading),
  };
  for (const collector of collectors) t.is(await collector.check(context), null, collector.name);
  for (const collector of collectors) collector.start(context, after(world.now(), milliseconds(100)));
  while (profiles.length < 3) await fetch(`${target.url}/work?bytes=65536`);
  const summaries = await Promise.all(collectors.map((collector) => collector.stop()));
  await target.stop();

  t.deepEqual(
    summaries.map(({ collector, status }) => [collector, status.status]),
    ['prometheus', 'expvar', 'pprof', 'process', 'cgroup', 'sockets', 'gctrace'].map((name) => [name, 'captured']),
  );
  const lastOf = (name: string): string => scrapes.findLast(({ collector }) => collector === name)?.body ?? '';
  t.regex(lastOf('prometheus'), /^go_gc_heap_live_bytes \d/m);
  t.regex(lastOf('prometheus'), /^\{"http\.server\.requests","http\.route"="\/work"\} 3/m);
  t.true(JSON.stringify(JSON.parse(lastOf('expvar'))).includes('"shop":"first"'));
  t.regex(lastOf('gctrace'), /^gc \d+ @.* ms clock, /);
  t.deepEqual(
    profiles.map(({ capture: { content } }) => (content.status === 'captured' ? content.value.file : content.reason)),
    ['profiles/00-heap.pb.gz', 'profiles/00-cpu.pb.gz', 'profiles/00-block.pb.gz'],
  );
  t.true(gunzipSync(profiles[1]?.content ?? '').includes('runtime.'), 'a CPU profile names functions');
  t.notRegex(JSON.stringify([scrapes, summaries, profiles.map(({ capture: saved }) => saved)]), /hunter2/);
});

test.serial('two CPU profiles at once: the second is told why not', async (t) => {
  const target = await startMetricsTarget(binary, []);
  const other = fetch(`${target.url}/debug/pprof/profile?seconds=2`).then((answer) => answer.arrayBuffer());
  await world.sleep(milliseconds(300));
  const probe = await probeTarget({
    world,
    url: target.url,
    adminUrls: [],
    known: [],
    tryUsualPorts: false,
    tryCpuProfile: true,
    access: { headers: {}, secrets: {} },
  });
  await other;
  await target.stop();
  t.like(probe.pprof?.cpuProfile, { status: 'failed' });
  t.regex(JSON.stringify(probe.pprof?.cpuProfile), /already running in the target/);
});

async function probed(
  flags: readonly string[],
  access: AdminAccess = { headers: {}, secrets: {} },
): Promise<TargetProbe> {
  const target = await startMetricsTarget(binary, flags, { environment });
  for (let count = 0; count < 40; count++) await fetch(`${target.url}/work`);
  const found = await probeTarget({
    world,
    url: target.url,
    adminUrls: ['http://127.0.0.1:1'],
    known: [],
    tryUsualPorts: false,
    tryCpuProfile: false,
    access,
  });
  await target.stop();
  return found;
}

test.serial('the probe tells what a service lets be known', async (t) => {
  const all = await probed(['-block-rate', '1', '-mutex-fraction', '5']);
  t.regex(all.prometheus?.goVersion ?? '', /^go1\./);
  t.deepEqual(
    all.prometheus?.missing.map(({ metric }) => metric),
    ['go_sql_wait_count_total'],
  );
  t.deepEqual(all.expvar?.variables, ['cmdline', 'memstats', 'orders']);
  t.deepEqual(all.pprof?.block, { status: 'captured', value: 'recording' });
  t.deepEqual(all.pprof?.mutexFraction, { status: 'captured', value: 5 });
  t.is(all.pprof?.cpuProfile, null);
  t.deepEqual(
    all.endpoints.map(({ answer }) => (answer.status === 'captured' ? answer.value.kind : answer.reason)),
    [
      'prometheus',
      'expvar',
      'pprof',
      ...Array<string>(3).fill('connection refused by 127.0.0.1:1: nothing listens there'),
    ],
  );

  const bare = await probed(['-default-metrics']);
  t.true(bare.prometheus?.present.some(({ metric }) => metric === 'go_goroutines'));
  t.true(bare.prometheus?.missing.some(({ metric }) => metric === 'go_sched_latencies_seconds'));
  t.deepEqual(bare.pprof?.block, { status: 'captured', value: 'nothing-recorded' });
  t.deepEqual(bare.pprof?.mutexFraction, { status: 'captured', value: 0 });

  const closed = await probed(guarded);
  t.like(closed, { prometheus: null, expvar: null, pprof: null });
  t.regex(JSON.stringify(closed.endpoints[0]), /401: it wants credentials/);
  const opened = await probed(guarded, { headers: adminHeaders, secrets });
  t.not(opened.pprof, null);
});
