import { lookup } from 'node:dns/promises';
import { readlink } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { type Milliseconds, type Ratio, between, bytes, percent, seconds } from '../../model/units.ts';
import type { World } from '../world.ts';
import { intervalCollector } from './interval-collector.ts';
import { type KernelFiles, countOf, kernelFiles, namedValues, needsLinux } from './kernel-files.ts';
import type { Collector, CollectorContext } from './port.ts';
import { type SocketTable, kernelAddresses, readSocketTable } from './socket-table.ts';

/**
 * Of the time that may go into walking the kernel's tables of sockets. It takes 20 ms where they have room for 262,144,
 * and on a kernel without preemption whatever shares the processor, such as the generator, waits meanwhile.
 */
const usualTableShare = percent(0.5);
/** However slow they are, a stage should see them more than once. */
const longestWithoutTables = seconds(5);

/**
 * Reads the sockets of the workload's port, of both ends where both are here: docs/run-record.md, "Sockets". Counters are
 * in every reading; the tables are left out of some, so that they take `tableShare` of the time.
 */
export function socketCollector(intervalMs: Milliseconds, tableShare: Ratio = usualTableShare): Collector {
  let place: Place | null = null;
  let readingsWithoutTables = 0;
  return intervalCollector({
    name: 'sockets',
    source: '/proc/net',
    intervalMs,
    stopWithinMs: seconds(2),
    busyShare: percent(10),
    async read({ address, processId, world }) {
      const error =
        process.platform !== 'linux' ? needsLinux : address === null ? "the target's address is not known" : null;
      if (error !== null || address === null) return { bytes: bytes(0), contentType: null, body: null, error };
      place ??= await placeOf(address, processId);
      const files = kernelFiles();
      const tables = readingsWithoutTables === 0 ? await socketTables(place, address.port, files, world) : null;
      readingsWithoutTables =
        tables === null
          ? readingsWithoutTables - 1
          : Math.floor(Math.min(tables.spent / tableShare, longestWithoutTables) / intervalMs);
      const body = socketBody(place, address.port, tables, files);
      return { bytes: files.bytes, contentType: 'application/json', body: JSON.stringify(body), error: null };
    },
  });
}

/** Where the target's end of the connections can be seen from. */
interface Place {
  readonly namespace: 'shared' | 'separate' | 'none';
  /** Folder with the network files of the target's side; the same as ours where shared. */
  readonly serverFolder: string;
  readonly addresses: ReadonlySet<string>;
}

const ownFolder = '/proc/net';

async function placeOf({ host }: NonNullable<CollectorContext['address']>, processId: number | null): Promise<Place> {
  // Without an answer there are no addresses, so nothing is counted rather than something wrong.
  const found = await lookup(host.replace(/^\[|\]$/g, ''), { all: true }).catch(() => []);
  const addresses = kernelAddresses(found.map(({ address }) => address));
  const own = new Set(Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map(({ address }) => address)));
  if (processId === null) {
    const here = found.some(({ address }) => own.has(address) || isLoopback(address));
    return { namespace: here ? 'shared' : 'none', serverFolder: ownFolder, addresses };
  }
  const [theirs, ours] = await Promise.all(
    [String(processId), 'self'].map((name) => readlink(`/proc/${name}/ns/net`).catch(() => null)),
  );
  const separate = theirs !== null && ours !== null && theirs !== ours;
  return {
    namespace: separate ? 'separate' : 'shared',
    serverFolder: separate ? `/proc/${processId}/net` : ownFolder,
    addresses,
  };
}

const isLoopback = (address: string): boolean => address.startsWith('127.') || address === '::1';

interface SocketTables {
  readonly ours: SocketTable | null;
  readonly theirs: SocketTable | null;
  readonly spent: Milliseconds;
}

async function socketTables(
  { namespace, serverFolder, addresses }: Place,
  port: number,
  files: KernelFiles,
  world: World,
): Promise<SocketTables> {
  const began = world.now();
  const ours = await socketTable(ownFolder, port, addresses, files);
  const theirs = namespace === 'separate' ? await socketTable(serverFolder, port, null, files) : null;
  return { ours, theirs, spent: between(began, world.now()) };
}

function socketBody(
  { namespace, serverFolder }: Place,
  port: number,
  tables: SocketTables | null,
  files: KernelFiles,
): Record<string, unknown> {
  const network = networkCounters(ownFolder, files);
  const serverNetwork = namespace === 'separate' ? networkCounters(serverFolder, files) : null;
  const server = namespace === 'none' ? null : namespace === 'separate' ? tables?.theirs : tables?.ours;
  return {
    format: 1,
    port,
    namespace,
    server: server?.server ?? null,
    client: tables?.ours?.client ?? null,
    listening: server?.listening ?? null,
    tcp: network.tcp,
    tcpExtended: network.tcpExtended,
    serverTcp: serverNetwork?.tcp ?? null,
    serverTcpExtended: serverNetwork?.tcpExtended ?? null,
    socketTable: socketSummary(files.text(`${ownFolder}/sockstat`, 'sockstat')),
    unreadable: files.unreadable,
  };
}

async function socketTable(
  folder: string,
  port: number,
  addresses: ReadonlySet<string> | null,
  files: KernelFiles,
): Promise<SocketTable | null> {
  // A kernel without IPv6 has no second file.
  const [tcp, tcp6] = await Promise.all([
    files.slowText(`${folder}/tcp`, 'tcp'),
    files.slowText(`${folder}/tcp6`, null),
  ]);
  return tcp === null ? null : readSocketTable([tcp, tcp6 ?? ''], port, addresses);
}

const alwaysKept = [
  'ActiveOpens',
  'PassiveOpens',
  'RetransSegs',
  'OutSegs',
  'OutRsts',
  'CurrEstab',
  'ListenOverflows',
  'ListenDrops',
  'TCPTimeouts',
];
/** Settings that stand among the counters. */
const settings = ['RtoAlgorithm', 'RtoMin', 'RtoMax', 'MaxConn'];

type Counters = Record<string, number> | null;

function networkCounters(folder: string, files: KernelFiles): { tcp: Counters; tcpExtended: Counters } {
  return {
    tcp: countersOf(files.text(`${folder}/snmp`, 'snmp'), 'Tcp'),
    tcpExtended: countersOf(files.text(`${folder}/netstat`, 'netstat'), 'TcpExt'),
  };
}

/** Two lines with the same prefix: names, then values. */
function countersOf(text: string | null, prefix: string): Counters {
  const [names, values] = (text ?? '')
    .split('\n')
    .filter((line) => line.startsWith(`${prefix}: `))
    .map((line) => line.split(' ').slice(1));
  if (names === undefined || values === undefined) return null;
  const kept: Record<string, number> = {};
  for (const [index, name] of names.entries()) {
    const value = countOf(values[index]);
    if (value === null || settings.includes(name)) continue;
    if (value !== 0 || alwaysKept.includes(name)) kept[name] = value;
  }
  return kept;
}

function socketSummary(text: string | null): Record<string, number | null> | null {
  const words = namedValues(text).get('TCP')?.split(' ');
  if (words === undefined) return null;
  const valueOf = (name: string): number | null => countOf(words[words.indexOf(name) + 1]);
  return {
    inUse: valueOf('inuse'),
    orphaned: valueOf('orphan'),
    timeWait: valueOf('tw'),
    allocated: valueOf('alloc'),
    memoryPages: valueOf('mem'),
  };
}
