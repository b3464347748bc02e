import {
  type EpochMilliseconds,
  type Milliseconds,
  after,
  epochMilliseconds,
  milliseconds,
} from '../../model/units.ts';
import { type GcTraceCycle, type GcTraceLine, gcCpuOf, gcPauseOf, readGcTraceLine } from './gctrace-line.ts';
import type { DecodedReadings, Reading } from './reading.ts';
import { SeriesTable } from './series-table.ts';

/**
 * The collections, and series of them: counters that add up the lines since the process began (`gcCpuMs`, `pauseMs` …)
 * and the heap's sizes.
 *
 * A line's own time is exact but counts from the begin of the process; when it reached us is on our clock but late by
 * the pipe. The smallest difference of the two is taken as the begin of the process.
 */
export function decodeGcTrace(source: string, readings: readonly Reading[]): DecodedReadings {
  const lines = readings.map(({ at, body }) => ({ at, line: readGcTraceLine(body) }));
  const refusals = lines.map(({ line }, index) =>
    line === null ? `not a line of gctrace: ${readings[index]?.body.slice(0, 80) ?? ''}` : null,
  );
  const gcCycles = processesOf(lines.flatMap(({ at, line }) => (line === null ? [] : [{ at, line }]))).flatMap(
    onOurClock,
  );
  const table = new SeriesTable('gctrace', source);
  const total = { gcCpuMs: 0, gcIdleCpuMs: 0, gcAssistCpuMs: 0, pauseMs: 0, forcedCycles: 0 };
  let previous = 0;
  for (const cycle of gcCycles) {
    if (cycle.cycle <= previous) for (const name of counterNames) total[name] = 0;
    previous = cycle.cycle;
    total.gcCpuMs += gcCpuOf(cycle);
    total.gcIdleCpuMs += cycle.cpu.idleMs;
    total.gcAssistCpuMs += cycle.cpu.assistMs;
    total.pauseMs += gcPauseOf(cycle);
    total.forcedCycles += cycle.forced ? 1 : 0;
    table.add(cycle.at, cycle.cycle, 'cycles', 'counter');
    for (const name of counterNames) table.add(cycle.at, total[name], name, 'counter');
    for (const name of gaugeNames) table.add(cycle.at, cycle[name], name, 'gauge');
  }
  return { series: table.finish(), refusals, gcCycles };
}

const counterNames = ['gcCpuMs', 'gcIdleCpuMs', 'gcAssistCpuMs', 'pauseMs', 'forcedCycles'] as const;
const gaugeNames = [
  'heapMarkedBytes',
  'heapGoalBytes',
  'heapAtEndBytes',
  'stacksBytes',
  'globalsBytes',
  'processors',
] as const;

interface ArrivedLine {
  readonly at: EpochMilliseconds;
  readonly line: GcTraceLine;
}

/** Cycles are numbered from 1: where the number does not rise, another process began. */
function processesOf(lines: readonly ArrivedLine[]): ArrivedLine[][] {
  const processes: ArrivedLine[][] = [];
  let previous = Infinity;
  for (const arrived of lines) {
    if (arrived.line.cycle <= previous) processes.push([]);
    processes.at(-1)?.push(arrived);
    previous = arrived.line.cycle;
  }
  return processes;
}

function onOurClock(lines: readonly ArrivedLine[]): GcTraceCycle[] {
  const begin = lines.reduce((least, { at, line }) => Math.min(least, at - endSinceStart(line)), Infinity);
  return lines.map(({ line }) => ({ ...line, at: after(epochMilliseconds(begin), endSinceStart(line)) }));
}

const endSinceStart = (line: GcTraceLine): Milliseconds =>
  milliseconds(line.sinceStartMs + gcPauseOf(line) + line.clock.markMs);
