import { z } from 'zod';
import { nanoseconds, seconds } from '../../model/units.ts';
import { parseOwnBody } from './json-body.ts';
import type { DecodedReadings, Reading } from './reading.ts';
import { RisingCounters } from './rising-counter.ts';
import { SeriesTable } from './series-table.ts';

const count = z.number().nullable();

/** Scrape body of the collector `process`: docs/run-record.md, "Process". Null: could not be read. */
const processReading = z.object({
  format: z.literal(1),
  processId: z.number(),
  command: z.string().nullable(),
  startTicks: count,
  ticksPerSecond: z.number().positive(),
  userTicks: count,
  systemTicks: count,
  minorFaults: count,
  majorFaults: count,
  threads: count,
  rssBytes: count,
  rssPeakBytes: count,
  rssAnonymousBytes: count,
  rssFileBytes: count,
  swapBytes: count,
  virtualBytes: count,
  tasksRead: count,
  voluntaryContextSwitches: count,
  involuntaryContextSwitches: count,
  runNanoseconds: count,
  runQueueWaitNanoseconds: count,
  timeSlices: count,
  openFiles: count,
  openFilesLimit: count,
  io: z
    .object({
      readChars: count,
      writtenChars: count,
      readCalls: count,
      writeCalls: count,
      readBytes: count,
      writtenBytes: count,
    })
    .nullable(),
  memoryMap: z
    .object({
      pssBytes: count,
      privateDirtyBytes: count,
      anonymousBytes: count,
      anonymousHugePagesBytes: count,
    })
    .nullable(),
  unreadable: z.record(z.string(), z.string()),
});
export type ProcessReading = z.infer<typeof processReading>;

const gauges = [
  'processId',
  'startTicks',
  'threads',
  'rssBytes',
  'rssPeakBytes',
  'rssAnonymousBytes',
  'rssFileBytes',
  'swapBytes',
  'virtualBytes',
  'openFiles',
  'openFilesLimit',
] as const;
const processCounters = ['minorFaults', 'majorFaults'] as const;
/** Sums over the threads alive. */
const threadCounters = ['voluntaryContextSwitches', 'involuntaryContextSwitches', 'timeSlices'] as const;
const threadTimes = [
  ['runMs', 'runNanoseconds'],
  ['runQueueWaitMs', 'runQueueWaitNanoseconds'],
] as const;

/** Series named as the body's fields, but times in milliseconds: `cpuMs`, `userCpuMs`, `systemCpuMs`, `runMs`, `runQueueWaitMs`. */
export function decodeProcessReadings(source: string, readings: readonly Reading[]): DecodedReadings {
  const table = new SeriesTable('process', source);
  const threads = new RisingCounters();
  let process = '';
  const refusals = readings.map(({ at, body }) => {
    const { value: reading, reason } = parseOwnBody(processReading, body);
    if (reason !== null) return reason;
    const identity = `${reading.processId} ${reading.startTicks}`;
    if (identity !== process) threads.restart();
    process = identity;
    const cpu = (ticks: number | null): number | null =>
      ticks === null ? null : seconds(ticks / reading.ticksPerSecond);
    const [user, system] = [cpu(reading.userTicks), cpu(reading.systemTicks)];
    table.add(at, user === null || system === null ? null : user + system, 'cpuMs', 'counter');
    table.add(at, user, 'userCpuMs', 'counter');
    table.add(at, system, 'systemCpuMs', 'counter');
    for (const name of gauges) table.add(at, reading[name], name, 'gauge');
    for (const name of processCounters) table.add(at, reading[name], name, 'counter');
    for (const name of threadCounters) table.add(at, threads.next(name, reading[name]), name, 'counter');
    for (const [name, field] of threadTimes) {
      const nanos = threads.next(name, reading[field]);
      table.add(at, nanos === null ? null : nanoseconds(nanos), name, 'counter');
    }
    for (const [name, value] of Object.entries(reading.io ?? {})) table.add(at, value, `io.${name}`, 'counter');
    for (const [name, value] of Object.entries(reading.memoryMap ?? {}))
      table.add(at, value, `memoryMap.${name}`, 'gauge');
    return null;
  });
  return { series: table.finish(), refusals };
}
