import { z } from 'zod';
import { parseOwnBody } from './json-body.ts';
import type { DecodedReadings, Reading } from './reading.ts';
import { SeriesTable } from './series-table.ts';

const count = z.number().nullable();
const counters = z.record(z.string(), count).nullable();
const side = z
  .object({ states: z.record(z.string(), count), receiveQueueBytes: count, sendQueueBytes: count })
  .nullable();

/** Scrape body of the collector `sockets`: docs/run-record.md, "Sockets". Null: could not be read. */
const socketReading = z.object({
  format: z.literal(1),
  port: z.number(),
  namespace: z.string(),
  server: side,
  client: side,
  listening: z.array(z.object({ address: z.string(), acceptQueue: count })).nullable(),
  tcp: counters,
  tcpExtended: counters,
  serverTcp: counters,
  serverTcpExtended: counters,
  socketTable: z.record(z.string(), count).nullable(),
  unreadable: z.record(z.string(), z.string()),
});
export type SocketReading = z.infer<typeof socketReading>;

const sides = ['server', 'client'] as const;
/** Counters of whole network namespaces: ours and, where it has its own, the target's. */
const counterFields = ['tcp', 'tcpExtended', 'serverTcp', 'serverTcpExtended'] as const;

/**
 * Series `sockets{side, state}`, `receiveQueueBytes{side}`, `sendQueueBytes{side}`, `acceptQueue{address}`, the kernel's
 * counters as `tcp.<name>`, `tcpExtended.<name>`, `serverTcp.<name>`, `serverTcpExtended.<name>`, and
 * `socketTable.<field>`. What a reading leaves out because it is 0 is a 0 here, from the first reading on.
 */
export function decodeSocketReadings(source: string, readings: readonly Reading[]): DecodedReadings {
  const table = new SeriesTable('sockets', source);
  const parsed = readings.map(({ at, body }) => ({ at, ...parseOwnBody(socketReading, body) }));
  const understood = parsed.flatMap(({ at, value }) => (value === null ? [] : [{ at, value }]));
  const states = namesIn(understood.flatMap(({ value }) => sides.map((name) => value[name]?.states)));
  const counterNames = counterFields.map(
    (field) => [field, namesIn(understood.map(({ value }) => value[field]))] as const,
  );
  for (const { at, value } of understood) {
    for (const name of sides) {
      const sockets = value[name];
      if (sockets === null) continue;
      for (const state of states) table.add(at, sockets.states[state] ?? 0, 'sockets', 'gauge', { side: name, state });
      table.add(at, sockets.receiveQueueBytes, 'receiveQueueBytes', 'gauge', { side: name });
      table.add(at, sockets.sendQueueBytes, 'sendQueueBytes', 'gauge', { side: name });
    }
    for (const { address, acceptQueue } of value.listening ?? [])
      table.add(at, acceptQueue, 'acceptQueue', 'gauge', { address });
    for (const [field, names] of counterNames) {
      const list = value[field];
      if (list !== null) for (const name of names) table.add(at, list[name] ?? 0, `${field}.${name}`, 'counter');
    }
    for (const [field, known] of Object.entries(value.socketTable ?? {}))
      table.add(at, known, `socketTable.${field}`, 'gauge');
  }
  return { series: table.finish(), refusals: parsed.map(({ reason }) => reason) };
}

const namesIn = (objects: readonly (object | null | undefined)[]): Set<string> =>
  new Set(objects.flatMap((each) => Object.keys(each ?? {})));
