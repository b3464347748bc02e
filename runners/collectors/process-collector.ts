import { type Bytes, type Milliseconds, kibibytes, percent, seconds } from '../../model/units.ts';
import { type Reading, intervalCollector } from './interval-collector.ts';
import { type KernelFiles, countOf, kernelFiles, namedValues, needsLinux, ticksPerSecond } from './kernel-files.ts';
import type { Collector } from './port.ts';

/** Each thread costs two files; a Go program with more threads than this is stuck in system calls, which shows anyway. */
const mostTasks = 256;
/** The kernel walks the whole address space for it. */
const readingsPerMemoryMap = 30;

/** Reads what /proc knows of the target's process: docs/run-record.md, "Process". */
export function processCollector(intervalMs: Milliseconds): Collector {
  let first: { readonly processId: number; readonly startTicks: string } | null = null;
  return intervalCollector({
    name: 'process',
    source: '/proc/PID',
    intervalMs,
    stopWithinMs: seconds(2),
    busyShare: percent(10),
    async read({ processId }, count) {
      if (process.platform !== 'linux') return refused(needsLinux);
      if (processId === null)
        return refused("the target's process is not known: it was not launched here, and none of ours listens there");
      const files = kernelFiles();
      const stat = parseStat(files.text(`/proc/${processId}/stat`, 'stat'));
      if (stat === null || stat.state === 'Z' || stat.state === 'X') return refused(`process ${processId} is gone`);
      first ??= { processId, startTicks: stat.startTicks };
      if (first.startTicks !== stat.startTicks)
        return refused(`process ${processId} is gone, and another one has its number now`);
      const body = await processBody(processId, stat, files, count % readingsPerMemoryMap === 0);
      return { bytes: files.bytes, contentType: 'application/json', body: JSON.stringify(body), error: null };
    },
  });
}

function refused(error: string): Reading {
  return { bytes: kibibytes(0), contentType: null, body: null, error };
}

async function processBody(
  processId: number,
  stat: ProcessStat,
  files: KernelFiles,
  withMemoryMap: boolean,
): Promise<Record<string, unknown>> {
  const at = `/proc/${processId}`;
  const status = namedValues(files.text(`${at}/status`, 'status'));
  const limits = files.text(`${at}/limits`, 'limits');
  return {
    format: 1,
    processId,
    command: stat.command,
    startTicks: Number(stat.startTicks),
    ticksPerSecond,
    userTicks: stat.userTicks,
    systemTicks: stat.systemTicks,
    minorFaults: stat.minorFaults,
    majorFaults: stat.majorFaults,
    threads: stat.threads,
    rssBytes: kib(status.get('VmRSS')),
    rssPeakBytes: kib(status.get('VmHWM')),
    rssAnonymousBytes: kib(status.get('RssAnon')),
    rssFileBytes: kib(status.get('RssFile')),
    swapBytes: kib(status.get('VmSwap')),
    virtualBytes: kib(status.get('VmSize')),
    ...threadSums(at, files),
    openFiles: files.names(`${at}/fd`, 'fd')?.length ?? null,
    openFilesLimit: countOf(/^Max open files\s+(\S+)/m.exec(limits ?? '')?.[1]),
    io: ioCounters(files.text(`${at}/io`, 'io')),
    memoryMap: withMemoryMap ? memoryMapSizes(await files.slowText(`${at}/smaps_rollup`, 'smaps_rollup')) : null,
    unreadable: files.unreadable,
  };
}

interface ProcessStat {
  readonly command: string;
  readonly state: string;
  /** As text: it is an identity, compared and never reckoned with. */
  readonly startTicks: string;
  readonly userTicks: number | null;
  readonly systemTicks: number | null;
  readonly minorFaults: number | null;
  readonly majorFaults: number | null;
  readonly threads: number | null;
}

/** /proc/PID/stat, proc_pid_stat(5); the command is in parentheses and may itself hold spaces and parentheses. */
export function parseStat(text: string | null): ProcessStat | null {
  const [, command, rest] = /^\d+ \((.*)\) (.*)$/s.exec(text?.trim() ?? '') ?? [];
  if (command === undefined || rest === undefined) return null;
  const fields = rest.split(' ');
  // Field n of the manual page is at n - 3: the first two are cut off, and it counts from 1.
  const field = (manualNumber: number): string | undefined => fields[manualNumber - 3];
  const startTicks = field(22);
  if (startTicks === undefined) return null;
  return {
    command,
    state: field(3) ?? '',
    startTicks,
    userTicks: countOf(field(14)),
    systemTicks: countOf(field(15)),
    minorFaults: countOf(field(10)),
    majorFaults: countOf(field(12)),
    threads: countOf(field(20)),
  };
}

interface ThreadSums {
  readonly tasksRead: number;
  readonly voluntaryContextSwitches: number | null;
  readonly involuntaryContextSwitches: number | null;
  readonly runNanoseconds: number | null;
  readonly runQueueWaitNanoseconds: number | null;
  readonly timeSlices: number | null;
}

/** The process-wide files hold these of the main thread only, which in a Go program does little. */
function threadSums(at: string, files: KernelFiles): ThreadSums {
  const tasks = files.names(`${at}/task`, 'task') ?? [];
  // A thread that ended in between is no fault.
  const readings = tasks.slice(0, mostTasks).map((task) => ({
    status: namedValues(files.text(`${at}/task/${task}/status`, null)),
    schedule: files.text(`${at}/task/${task}/schedstat`, null)?.trim().split(' ') ?? [],
  }));
  const ofStatus = (name: string): number | null => sum(readings.map(({ status }) => countOf(status.get(name))));
  const ofSchedule = (index: number): number | null => sum(readings.map(({ schedule }) => countOf(schedule[index])));
  return {
    tasksRead: readings.filter(({ status }) => status.size > 0).length,
    voluntaryContextSwitches: ofStatus('voluntary_ctxt_switches'),
    involuntaryContextSwitches: ofStatus('nonvoluntary_ctxt_switches'),
    runNanoseconds: ofSchedule(0),
    runQueueWaitNanoseconds: ofSchedule(1),
    timeSlices: ofSchedule(2),
  };
}

function sum(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((total, value) => total + value, 0);
}

function ioCounters(text: string | null): Record<string, number | null> | null {
  if (text === null) return null;
  const values = namedValues(text);
  return {
    readChars: countOf(values.get('rchar')),
    writtenChars: countOf(values.get('wchar')),
    readCalls: countOf(values.get('syscr')),
    writeCalls: countOf(values.get('syscw')),
    readBytes: countOf(values.get('read_bytes')),
    writtenBytes: countOf(values.get('write_bytes')),
  };
}

function memoryMapSizes(text: string | null): Record<string, Bytes | null> | null {
  if (text === null) return null;
  const values = namedValues(text);
  return {
    pssBytes: kib(values.get('Pss')),
    privateDirtyBytes: kib(values.get('Private_Dirty')),
    anonymousBytes: kib(values.get('Anonymous')),
    anonymousHugePagesBytes: kib(values.get('AnonHugePages')),
  };
}

function kib(text: string | undefined): Bytes | null {
  const value = countOf(text);
  return value === null ? null : kibibytes(value);
}
