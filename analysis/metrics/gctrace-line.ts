import {
  type Bytes,
  type EpochMilliseconds,
  type Milliseconds,
  type Ratio,
  mebibytes,
  milliseconds,
  percent,
  seconds,
} from '../../model/units.ts';

/** One line of `GODEBUG=gctrace=1`: one garbage collection. Sizes are whole MiB, rounded down by the runtime. */
export interface GcTraceLine {
  readonly cycle: number;
  /** Begin of the cycle, since the process began. */
  readonly sinceStartMs: Milliseconds;
  /** Share of the CPU the collector had since the process began, idle marking excluded; rounded down to whole per cent. */
  readonly cpuShareSinceStart: Ratio;
  /** Wall time of its three phases; the first and the last stop the world. */
  readonly clock: {
    readonly sweepTerminationMs: Milliseconds;
    readonly markMs: Milliseconds;
    readonly markTerminationMs: Milliseconds;
  };
  /** CPU time: the two pauses (on all processors), and marking by assists, background workers and idle workers. */
  readonly cpu: {
    readonly sweepTerminationMs: Milliseconds;
    readonly assistMs: Milliseconds;
    readonly backgroundMs: Milliseconds;
    readonly idleMs: Milliseconds;
    readonly markTerminationMs: Milliseconds;
  };
  readonly heapAtStartBytes: Bytes;
  readonly heapAtEndBytes: Bytes;
  readonly heapMarkedBytes: Bytes;
  readonly heapGoalBytes: Bytes;
  /** Scanned stacks and globals; null from Go before 1.18. */
  readonly stacksBytes: Bytes | null;
  readonly globalsBytes: Bytes | null;
  readonly processors: number;
  readonly forced: boolean;
}

/** A collection at its place in time: `at` is its end by our clock. */
export interface GcTraceCycle extends GcTraceLine {
  readonly at: EpochMilliseconds;
}

const number = String.raw`(\d{1,15}(?:\.\d{1,15})?)`;
const whole = String.raw`(\d{1,15})`;
const pattern = new RegExp(
  [
    String.raw`^gc ${whole} @${number}s ${whole}%(?: \([^()]*\))?: `,
    String.raw`${number}\+${number}\+${number} ms clock, `,
    String.raw`${number}\+${number}/${number}/${number}\+${number} ms cpu, `,
    String.raw`${whole}->${whole}->${whole} MB, ${whole} MB goal, `,
    String.raw`(?:${whole} MB stacks, )?(?:${whole} MB globals, )?${whole} P\b(.*)$`,
  ].join(''),
);

/** @returns null where it is no such line. What follows the number of processors may be anything. */
export function readGcTraceLine(line: string): GcTraceLine | null {
  const match = pattern.exec(line.trim());
  if (match === null) return null;
  const value = (group: number): number => Number(match[group]);
  const time = (group: number): Milliseconds => milliseconds(value(group));
  const size = (group: number): Bytes => mebibytes(value(group));
  return {
    cycle: value(1),
    sinceStartMs: seconds(value(2)),
    cpuShareSinceStart: percent(value(3)),
    clock: { sweepTerminationMs: time(4), markMs: time(5), markTerminationMs: time(6) },
    cpu: {
      sweepTerminationMs: time(7),
      assistMs: time(8),
      backgroundMs: time(9),
      idleMs: time(10),
      markTerminationMs: time(11),
    },
    heapAtStartBytes: size(12),
    heapAtEndBytes: size(13),
    heapMarkedBytes: size(14),
    heapGoalBytes: size(15),
    stacksBytes: match[16] === undefined ? null : size(16),
    globalsBytes: match[17] === undefined ? null : size(17),
    processors: value(18),
    forced: match[19]?.includes('(forced)') ?? false,
  };
}

/** CPU of a cycle as `/cpu/classes/gc/total` counts it: pauses, assists, background and idle marking. */
export const gcCpuOf = ({ cpu }: GcTraceLine): Milliseconds =>
  milliseconds(cpu.sweepTerminationMs + cpu.assistMs + cpu.backgroundMs + cpu.idleMs + cpu.markTerminationMs);

export const gcPauseOf = ({ clock }: GcTraceLine): Milliseconds =>
  milliseconds(clock.sweepTerminationMs + clock.markTerminationMs);
