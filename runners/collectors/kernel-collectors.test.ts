import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type FileHandle, open } from 'node:fs/promises';
import { type Server, type Socket, connect, createServer } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { decodeScrapes } from '../../analysis/metrics/decode-scrapes.ts';
import type { Scrape } from '../../model/measurements.ts';
import { milliseconds, percent, ratio, seconds } from '../../model/units.ts';
import { realWorld } from '../world.ts';
import { cgroupCollector } from './cgroup-collector.ts';
import type { Collector, CollectorContext } from './port.ts';
import { parseStat, processCollector } from './process-collector.ts';
import { socketCollector } from './socket-collector.ts';

const onLinux = process.platform === 'linux' ? test : test.skip;
const elsewhere = process.platform === 'linux' ? test.skip : test;
const world = realWorld({ say: () => undefined, interrupted: new AbortController().signal });

function watch(more: Partial<CollectorContext>) {
  const scrapes: Scrape[] = [];
  const context: CollectorContext = {
    world,
    processId: null,
    address: null,
    generatorProcessId: null,
    record: (scrape) => void scrapes.push(scrape),
    ...more,
  };
  return { scrapes, context };
}

const read = (scrape: Scrape | undefined): unknown => JSON.parse(scrape?.body ?? '{}');

/** First and last reading of a collector, with `between` done in between. */
async function twice(
  collector: Collector,
  context: CollectorContext,
  scrapes: readonly Scrape[],
  between: () => unknown,
) {
  collector.start(context, world.now());
  while (scrapes.length === 0) await world.sleep(milliseconds(5));
  await between();
  const summary = await collector.stop();
  return { summary, first: read(scrapes[0]), last: read(scrapes.at(-1)) };
}

/** The analysis must understand every body, whatever this machine's kernel leaves out. */
function understood(t: ExecutionContext, scrapes: readonly Scrape[], series: string): void {
  const [decoded] = decodeScrapes(scrapes).sources;
  t.is(decoded?.firstUnreadable ?? null, null);
  t.true(decoded?.series.some(({ name }) => name === series));
}

elsewhere('systems without /proc are told what is needed (skipped on Linux, which has it)', async (t) => {
  const { context } = watch({ processId: process.pid, address: { host: '127.0.0.1', port: 80 } });
  for (const make of [processCollector, cgroupCollector, socketCollector])
    t.is(await make(seconds(1)).check(context), "this needs Linux's /proc");
});

onLinux('the process: what it does shows, and its reading is what the analysis decodes', async (t) => {
  const { context, scrapes } = watch({ processId: process.pid });
  const collector = processCollector(seconds(60));
  t.is(await collector.check(context), null);
  const files: FileHandle[] = [];
  const { summary, first, last } = await twice(collector, context, scrapes, async () => {
    // CPU time, not time: on a busy machine a loop may get little of it.
    const { user } = process.cpuUsage();
    while (process.cpuUsage().user < user + 150_000);
    for (let count = 0; count < 200; count++) files.push(await open('/proc/self/stat'));
  });
  for (const file of files) await file.close();
  t.is(summary.status.status, 'captured');
  const before = objectOf(first);
  const after = objectOf(last);
  t.is(after['processId'], process.pid);
  t.is(after['startTicks'], before['startTicks']);
  t.true(numberOf(after['userTicks']) - numberOf(before['userTicks']) >= 10, '150 ms are 15 ticks');
  t.true(numberOf(after['openFiles']) - numberOf(before['openFiles']) >= 100, 'other tests open a few, too');
  t.true(numberOf(after['tasksRead']) > 1, 'Node has several threads');
  t.true(numberOf(after['runNanoseconds']) > numberOf(before['runNanoseconds']) + 100_000_000);
  t.true(Math.abs(numberOf(after['rssBytes']) / process.memoryUsage().rss - 1) < 0.3);
  t.not(before['memoryMap'], null);
  t.is(after['memoryMap'], null, 'the memory map is read rarely');
  t.deepEqual(after['unreadable'], {});
  understood(t, scrapes, 'cpuMs');
});

onLinux('a process that ends midway gives readings with a reason', async (t) => {
  const child = spawn('sleep', ['60']);
  await once(child, 'spawn');
  const { context, scrapes } = watch({ processId: child.pid ?? 0 });
  const { summary } = await twice(processCollector(seconds(60)), context, scrapes, async () => {
    child.kill('SIGKILL');
    await once(child, 'exit');
  });
  t.deepEqual(summary.status, { status: 'captured', value: { readings: 1, failures: 1 } });
  t.is(scrapes.at(-1)?.error, `process ${child.pid} is gone`);
  t.is(scrapes.at(-1)?.body, null);
});

onLinux('a process that is not known is a reason', async (t) => {
  t.regex((await processCollector(seconds(1)).check(watch({}).context)) ?? '', /process is not known/);
  t.regex((await socketCollector(seconds(1)).check(watch({}).context)) ?? '', /address is not known/);
});

test("a command may hold what looks like the line's own structure", (t) => {
  const fields = Array.from({ length: 50 }, (_, index) => String(index + 4)).join(' ');
  const stat = parseStat(`42 (a) R 1 (b) S ${fields}\n`);
  t.like(stat, { command: 'a) R 1 (b', state: 'S', minorFaults: 10, majorFaults: 12, userTicks: 14, systemTicks: 15 });
  t.like(stat, { threads: 20, startTicks: '22' });
  t.is(parseStat('nonsense'), null);
  t.is(parseStat(null), null);
});

onLinux('the control group and the machine: the reading is what the analysis decodes', async (t) => {
  const { context, scrapes } = watch({ processId: process.pid });
  const { last, summary } = await twice(cgroupCollector(seconds(60)), context, scrapes, () => undefined);
  t.deepEqual(summary.status, { status: 'captured', value: { readings: 2, failures: 0 } });
  const host = objectOf(objectOf(last)['host']);
  t.true(Array.isArray(host['processors']) && host['processors'].length > 0);
  t.true(numberOf(host['memoryTotalBytes']) > numberOf(host['memoryAvailableBytes']));
  understood(t, scrapes, 'host.cpuMs');
});

onLinux('without a process there is still the machine', async (t) => {
  const { context, scrapes } = watch({});
  const { last } = await twice(cgroupCollector(seconds(60)), context, scrapes, () => undefined);
  t.is(objectOf(last)['group'], null);
  t.not(objectOf(last)['host'], null);
});

onLinux('sockets: connections are seen from both ends', async (t) => {
  const accepted: Socket[] = [];
  const server: Server = createServer((socket) => void accepted.push(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const { context, scrapes } = watch({ address: { host: 'localhost', port } });
  const clients: Socket[] = [];
  const collector = socketCollector(milliseconds(20), ratio(1));
  collector.start(context, world.now());
  while (scrapes.length === 0) await world.sleep(milliseconds(5));
  for (let count = 0; count < 7; count++) clients.push(connect(port, '127.0.0.1'));
  // The kernel's table is not read at one instant, so on a busy machine a single reading may miss one.
  const sees = (scrape: Scrape | undefined): boolean =>
    ['server', 'client'].every((end) => {
      const states = objectOf(objectOf(objectOf(read(scrape))[end])['states']);
      return states['ESTABLISHED'] === 7 && Object.keys(states).length === 1;
    });
  while (!scrapes.some(sees)) await world.sleep(milliseconds(20));
  await collector.stop();
  const first = read(scrapes[0]);
  const last = read(scrapes.findLast(sees));
  for (const socket of [...clients, ...accepted]) socket.destroy();
  server.close();
  t.like(first, { port, namespace: 'shared', server: { states: {} }, client: { states: {} } });
  t.deepEqual(objectOf(last)['listening'], [{ address: '127.0.0.1', acceptQueue: 0 }]);
  const opens = (body: unknown): number => numberOf(objectOf(objectOf(body)['tcp'])['PassiveOpens']);
  t.true(opens(last) - opens(first) >= 7);
  understood(t, scrapes, 'sockets');
});

onLinux('sockets: the tables take their share of the time only, counters are in every reading', async (t) => {
  const { context, scrapes } = watch({ address: { host: '127.0.0.1', port: 80 } });
  const collector = socketCollector(milliseconds(20), percent(0.001));
  collector.start(context, world.now());
  while (scrapes.length < 5) await world.sleep(milliseconds(5));
  await collector.stop();
  const [first, ...later] = scrapes.map(read).map(objectOf);
  t.not(first?.['server'], null);
  for (const body of later) {
    t.like(body, { server: null, client: null, listening: null });
    t.true(numberOf(objectOf(body['tcp'])['PassiveOpens']) >= 0);
  }
  understood(t, scrapes, 'tcp.PassiveOpens');
});

onLinux('sockets of a target elsewhere: only the own end', async (t) => {
  const { context, scrapes } = watch({ address: { host: '192.0.2.1', port: 80 } });
  const { last } = await twice(socketCollector(seconds(60)), context, scrapes, () => undefined);
  t.like(last, { namespace: 'none', server: null, listening: null });
  t.not(objectOf(last)['client'], null);
});

function objectOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}

function numberOf(value: unknown): number {
  return typeof value === 'number' ? value : Number.NaN;
}
