import { readFile } from 'node:fs/promises';
import test from 'ava';
import * as fc from 'fast-check';
import { type CollectorName, type Scrape, collectorNames } from '../../model/measurements.ts';
import type { Series } from '../../model/series.ts';
import { bytes, epochMilliseconds, milliseconds } from '../../model/units.ts';
import { type DecodedScrapes, decodeScrapes } from './decode-scrapes.ts';

const read = (path: string): Promise<string> => readFile(new URL(`../../${path}`, import.meta.url), 'utf8');

const scrapeOf = (collector: CollectorName, at: number, body: string | null, more: Partial<Scrape> = {}): Scrape => ({
  collector,
  source: collector,
  at: epochMilliseconds(at),
  durationMs: milliseconds(0),
  bytes: bytes(0),
  contentType: null,
  body,
  error: body === null ? 'refused' : null,
  ...more,
});

function nameOf({ name, labels }: Series): string {
  const list = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  return list.length === 0 ? name : `${name}{${list.join(',')}}`;
}

/** name{label=value,…} → values. */
function valuesOf({ sources }: DecodedScrapes): Record<string, readonly number[]> {
  return Object.fromEntries(sources.flatMap(({ series }) => series.map((each) => [nameOf(each), each.values])));
}

/** The examples in the documentation of the record are the contract with the collectors. */
async function documented(heading: string): Promise<Record<string, unknown>> {
  const text = await read('docs/run-record.md');
  const section = text.slice(text.indexOf(`### ${heading}`));
  const [, json = ''] = /```json\n(.*?)```/s.exec(section) ?? [];
  return Object.assign({}, JSON.parse(json));
}

test('sources are apart, readings in order of time at their middle, failures counted', (t) => {
  const { sources } = decodeScrapes([
    scrapeOf('prometheus', 3000, 'up 3', { source: 'a', durationMs: milliseconds(20) }),
    scrapeOf('prometheus', 1000, 'up 1', { source: 'a', durationMs: milliseconds(10) }),
    scrapeOf('prometheus', 1000, 'up 7', { source: 'b' }),
    scrapeOf('prometheus', 2000, null, { source: 'a' }),
    scrapeOf('prometheus', 4000, '<html></html>', { source: 'a' }),
    scrapeOf('prometheus', 5000, 'up 5\nup down', { source: 'a' }),
  ]);
  t.is(sources.length, 2);
  t.like(sources[0], {
    source: 'a',
    failures: 1,
    unreadable: 1,
    firstUnreadable: 'an HTML page instead of metrics',
    malformedLines: 1,
  });
  t.deepEqual(sources[0]?.readAt.map(Number), [1005, 3010, 5000]);
  t.deepEqual(
    sources[0]?.series.map(({ at, values }) => [at.map(Number), values] as const),
    [
      [
        [1005, 3010, 5000],
        [1, 3, 5],
      ],
    ],
  );
  t.like(sources[1], { source: 'b', failures: 0, unreadable: 0, firstUnreadable: null, malformedLines: 0 });
  t.deepEqual(decodeScrapes([]).sources, []);
});

test('a process: the documented body', async (t) => {
  const body = await documented('Process');
  const second = {
    ...body,
    userTicks: 950,
    systemTicks: 217,
    voluntaryContextSwitches: 51_000,
    memoryMap: { pssBytes: 7 },
  };
  const values = valuesOf(
    decodeScrapes([
      scrapeOf('process', 1, JSON.stringify(body)),
      scrapeOf('process', 2, JSON.stringify({ ...second, memoryMap: null })),
    ]),
  );
  t.deepEqual(values['cpuMs'], [11_170, 11_670]);
  t.deepEqual(values['userCpuMs'], [9130, 9500]);
  t.deepEqual(values['rssBytes'], [41_680_896, 41_680_896]);
  t.deepEqual(values['runQueueWaitMs'], [310, 310]);
  // A thread ended: what it counted is not known any more, but nothing was counted backwards.
  t.deepEqual(values['voluntaryContextSwitches'], [51_234, 51_234]);
  t.deepEqual(values['io.readCalls'], [3, 3]);
  t.is(values['memoryMap.pssBytes'], undefined);
});

test('another process counts from nothing', async (t) => {
  const body = await documented('Process');
  const values = valuesOf(
    decodeScrapes([
      scrapeOf('process', 1, JSON.stringify(body)),
      scrapeOf('process', 2, JSON.stringify({ ...body, startTicks: 9_999_999, voluntaryContextSwitches: 12 })),
      scrapeOf('process', 3, JSON.stringify({ ...body, startTicks: 9_999_999, voluntaryContextSwitches: 10 })),
      scrapeOf('process', 4, JSON.stringify({ ...body, startTicks: 9_999_999, voluntaryContextSwitches: 15 })),
    ]),
  );
  t.deepEqual(values['voluntaryContextSwitches'], [51_234, 12, 12, 17]);
});

test('a control group and its host: the documented body', async (t) => {
  const values = valuesOf(
    decodeScrapes([scrapeOf('cgroup', 1, JSON.stringify(await documented('Control group and host')))]),
  );
  t.like(values, {
    'cpu.usageMs': [5310.211],
    'cpu.limitCores': [1],
    'cpu.throttledPeriods': [12],
    'cpu.throttledMs': [310.002],
    'memory.limitBytes': [268_435_456],
    'memory.events{event=oom_kill}': [0],
    'host.cpuMs{processor=cpu0,mode=idle}': [90],
    'host.cpuMs{processor=cpu0,mode=user}': [10],
    'host.pressureMs{resource=cpu,kind=some}': [123.456],
  });
  t.is(values['pressureMs{resource=cpu,kind=some}'], undefined);
});

test('no limit is infinite; a group or a host that is not there is nothing', async (t) => {
  const body = await documented('Control group and host');
  const free = {
    cpu: {
      quotaMicroseconds: null,
      periodMicroseconds: 100_000,
      usageNanoseconds: 1,
      periods: 0,
      throttledPeriods: 0,
      throttledNanoseconds: 0,
    },
  };
  const memory = { currentBytes: 1, peakBytes: null, limitBytes: null, inactiveFileBytes: null, events: null };
  const group = Object.assign({}, body['group'], free, { memory });
  const values = valuesOf(decodeScrapes([scrapeOf('cgroup', 1, JSON.stringify({ ...body, group, host: null }))]));
  t.like(values, { 'cpu.limitCores': [Infinity], 'memory.limitBytes': [Infinity], 'memory.peakBytes': undefined });
  t.deepEqual(
    valuesOf(decodeScrapes([scrapeOf('cgroup', 1, JSON.stringify({ ...body, group: null, host: null }))])),
    {},
  );
});

test('sockets: the documented body; what is left out because it is 0 is 0', async (t) => {
  const body = await documented('Sockets');
  const second = {
    ...body,
    server: { states: { ESTABLISHED: 3 }, receiveQueueBytes: 9, sendQueueBytes: 0 },
    tcpExtended: { ListenOverflows: 4, ListenDrops: 5, TCPTimeouts: 0, TCPLostRetransmit: 6 },
  };
  const values = valuesOf(
    decodeScrapes([scrapeOf('sockets', 1, JSON.stringify(body)), scrapeOf('sockets', 2, JSON.stringify(second))]),
  );
  t.like(values, {
    'sockets{side=server,state=ESTABLISHED}': [64, 3],
    'sockets{side=server,state=CLOSE_WAIT}': [1, 0],
    'sockets{side=client,state=TIME_WAIT}': [12, 12],
    'receiveQueueBytes{side=server}': [0, 9],
    'acceptQueue{address=127.0.0.1}': [0, 0],
    'tcpExtended.ListenOverflows': [0, 4],
    'tcpExtended.TCPLostRetransmit': [0, 6],
    'socketTable.timeWait': [12, 12],
  });
  t.is(values['serverTcp.ActiveOpens'], undefined);
});

const refusal = (collector: CollectorName, body: unknown): string | null | undefined =>
  decodeScrapes([scrapeOf(collector, 1, JSON.stringify(body))]).sources[0]?.firstUnreadable;

test('own bodies of another format or shape are refused with the place', async (t) => {
  const process = await documented('Process');
  t.regex(refusal('process', { ...process, format: 2 }) ?? '', /^format: /);
  t.regex(refusal('process', { ...process, threads: 'nine' }) ?? '', /^threads: /);
  t.regex(refusal('sockets', process) ?? '', /^port: /);
  t.is(refusal('process', { ...process, added: 'later' }), null);
});

const bodies = async (): Promise<Record<CollectorName, string>> => ({
  prometheus: await read('fixtures/captures/metrics-default.txt'),
  expvar: await read('fixtures/captures/expvar.json'),
  gctrace: (await read('fixtures/captures/gctrace.txt')).split('\n').find((line) => line.startsWith('gc 1 ')) ?? '',
  process: JSON.stringify(await documented('Process')),
  cgroup: JSON.stringify(await documented('Control group and host')),
  sockets: JSON.stringify(await documented('Sockets')),
  postgres: JSON.stringify(await documented('PostgreSQL')),
});

test('whatever a body holds, decoding neither throws nor differs the second time', async (t) => {
  const wholes = await bodies();
  const damage = fc.record({
    collector: fc.constantFrom(...collectorNames),
    at: fc.nat(),
    remove: fc.nat(40),
    insert: fc.oneof(
      fc.string({ unit: 'binary', maxLength: 9 }),
      fc.constantFrom('1e999', '-1', 'null', '{}', '[]', '"__proto__":1,'),
    ),
  });
  const seen = { understood: 0, refused: 0 };
  fc.assert(
    fc.property(fc.array(damage, { minLength: 1, maxLength: 5 }), (list) => {
      const scrapes = list.map(({ collector, at, remove, insert }, index) => {
        const whole = wholes[collector];
        const place = at % whole.length;
        return scrapeOf(collector, index, whole.slice(0, place) + insert + whole.slice(place + remove));
      });
      const decoded = decodeScrapes(scrapes);
      t.deepEqual(decodeScrapes(scrapes), decoded);
      for (const { readAt, unreadable, firstUnreadable, series } of decoded.sources) {
        seen.understood += readAt.length;
        seen.refused += unreadable;
        t.is(unreadable === 0, firstUnreadable === null);
        for (const { at, values } of series) t.is(at.length, values.length);
      }
    }),
    { seed: 20_261_121, numRuns: 200 },
  );
  t.true(seen.understood > 100 && seen.refused > 100, JSON.stringify(seen));
});
