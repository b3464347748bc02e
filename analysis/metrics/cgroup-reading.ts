import { z } from 'zod';
import { type EpochMilliseconds, microseconds, millisecondsOf, nanoseconds, seconds } from '../../model/units.ts';
import { parseOwnBody } from './json-body.ts';
import type { DecodedReadings, Reading } from './reading.ts';
import { RisingCounters } from './rising-counter.ts';
import { type Labels, SeriesTable } from './series-table.ts';

const count = z.number().nullable();

const stall = z.object({ avg10: count, avg60: count, avg300: count, totalMicroseconds: count }).nullable();
const pressure = z.object({ some: stall, full: stall }).nullable();
const pressures = z.object({ cpu: pressure, memory: pressure, io: pressure }).nullable();

const processorModes = ['user', 'nice', 'system', 'idle', 'ioWait', 'interrupt', 'softInterrupt', 'steal'] as const;

const group = z.object({
  version: z.number(),
  cpuPath: z.string().nullable(),
  memoryPath: z.string().nullable(),
  cpu: z
    .object({
      quotaMicroseconds: count,
      periodMicroseconds: count,
      usageNanoseconds: count,
      periods: count,
      throttledPeriods: count,
      throttledNanoseconds: count,
    })
    .nullable(),
  memory: z
    .object({
      currentBytes: count,
      peakBytes: count,
      limitBytes: count,
      inactiveFileBytes: count,
      events: z.record(z.string(), count).nullable(),
    })
    .nullable(),
  pressure: pressures,
});

const host = z.object({
  processors: z
    .array(
      z.object({
        name: z.string(),
        user: count,
        nice: count,
        system: count,
        idle: count,
        ioWait: count,
        interrupt: count,
        softInterrupt: count,
        steal: count,
      }),
    )
    .nullable(),
  contextSwitches: count,
  forks: count,
  runnable: count,
  blocked: count,
  loadAverage: z.array(count).nullable(),
  memoryTotalBytes: count,
  memoryAvailableBytes: count,
  pressure: pressures,
});

/** Scrape body of the collector `cgroup`: docs/run-record.md, "Control group and host". Null: could not be read. */
const cgroupReading = z.object({
  format: z.literal(1),
  ticksPerSecond: z.number().positive(),
  group: group.nullable(),
  host: host.nullable(),
  unreadable: z.record(z.string(), z.string()),
});
export type CgroupReading = z.infer<typeof cgroupReading>;

/**
 * Series, times in milliseconds: `cpu.usageMs`, `cpu.periods`, `cpu.throttledPeriods`, `cpu.throttledMs`, `cpu.limitCores`
 * (Infinity: no limit), `memory.<field>` (`memory.limitBytes` Infinity: no limit), `memory.events{event}`,
 * `pressureMs{resource, kind}` of the group; `host.cpuMs{processor, mode}`, `host.pressureMs{resource, kind}` and
 * `host.<field>` of the machine. Guest time is left out: it is part of user time already.
 */
export function decodeCgroupReadings(source: string, readings: readonly Reading[]): DecodedReadings {
  const table = new SeriesTable('cgroup', source);
  const hostTimes = new RisingCounters();
  const refusals = readings.map(({ at, body }) => {
    const { value: reading, reason } = parseOwnBody(cgroupReading, body);
    if (reason !== null) return reason;
    if (reading.group !== null) addGroup(table, at, reading.group);
    if (reading.host !== null) addHost(table, at, reading.host, reading.ticksPerSecond, hostTimes);
    return null;
  });
  return { series: table.finish(), refusals };
}

const map = (value: number | null, convert: (known: number) => number): number | null =>
  value === null ? null : convert(value);

function addGroup(
  table: SeriesTable,
  at: EpochMilliseconds,
  { cpu, memory, pressure: stalls }: z.infer<typeof group>,
): void {
  if (cpu !== null) {
    const { quotaMicroseconds: quota, periodMicroseconds: period } = cpu;
    table.add(at, quota === null ? Infinity : map(period, (known) => quota / known), 'cpu.limitCores', 'gauge');
    table.add(at, map(cpu.usageNanoseconds, nanoseconds), 'cpu.usageMs', 'counter');
    table.add(at, cpu.periods, 'cpu.periods', 'counter');
    table.add(at, cpu.throttledPeriods, 'cpu.throttledPeriods', 'counter');
    table.add(at, map(cpu.throttledNanoseconds, nanoseconds), 'cpu.throttledMs', 'counter');
  }
  if (memory !== null) {
    table.add(at, memory.currentBytes, 'memory.currentBytes', 'gauge');
    table.add(at, memory.peakBytes, 'memory.peakBytes', 'gauge');
    table.add(at, memory.limitBytes ?? Infinity, 'memory.limitBytes', 'gauge');
    table.add(at, memory.inactiveFileBytes, 'memory.inactiveFileBytes', 'gauge');
    for (const [event, value] of Object.entries(memory.events ?? {}))
      table.add(at, value, 'memory.events', 'counter', { event });
  }
  addPressure(table, at, stalls, 'pressureMs');
}

function addHost(
  table: SeriesTable,
  at: EpochMilliseconds,
  machine: z.infer<typeof host>,
  ticksPerSecond: number,
  times: RisingCounters,
): void {
  for (const processor of machine.processors ?? []) {
    for (const mode of processorModes) {
      const ticks = times.next(`${processor.name} ${mode}`, processor[mode]);
      const labels: Labels = { processor: processor.name, mode };
      table.add(
        at,
        map(ticks, (known) => seconds(known / ticksPerSecond)),
        'host.cpuMs',
        'counter',
        labels,
      );
    }
  }
  table.add(at, machine.contextSwitches, 'host.contextSwitches', 'counter');
  table.add(at, machine.forks, 'host.forks', 'counter');
  table.add(at, machine.runnable, 'host.runnable', 'gauge');
  table.add(at, machine.blocked, 'host.blocked', 'gauge');
  table.add(at, machine.loadAverage?.[0] ?? null, 'host.loadAverageMinute', 'gauge');
  table.add(at, machine.memoryTotalBytes, 'host.memoryTotalBytes', 'gauge');
  table.add(at, machine.memoryAvailableBytes, 'host.memoryAvailableBytes', 'gauge');
  addPressure(table, at, machine.pressure, 'host.pressureMs');
}

function addPressure(table: SeriesTable, at: EpochMilliseconds, stalls: z.infer<typeof pressures>, name: string): void {
  for (const resource of ['cpu', 'memory', 'io'] as const) {
    for (const kind of ['some', 'full'] as const) {
      const total = stalls?.[resource]?.[kind]?.totalMicroseconds ?? null;
      table.add(
        at,
        map(total, (known) => millisecondsOf(microseconds(known))),
        name,
        'counter',
        { resource, kind },
      );
    }
  }
}
