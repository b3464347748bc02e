import {
  type SizingDoubt,
  type SizingQuestion,
  serversFor,
  sizeServers,
} from '../analysis/sizing/waits/size-servers.ts';
import { mostSimulatedErlangs } from '../analysis/sizing/waits/smallest-servers.ts';
import { type WaitingLoad, busyServers } from '../analysis/sizing/waits/waiting-load.ts';
import { lineWithin, workersOnCores } from '../analysis/sizing/workers/worker-bounds.ts';
import { type Milliseconds, milliseconds, perSecond } from '../model/units.ts';
import {
  type TableWarning,
  type WaitRow,
  intervalMeaning,
  tableWarnings,
  waitMethod,
  waitRow,
} from './wait-figures.ts';

export interface WorkersAsked extends Pick<SizingQuestion, 'load' | 'lightest' | 'heaviest' | 'objective'> {
  /** Processor time of one job, and the cores there are for it. */
  readonly cpu: { readonly cpuTime: Milliseconds; readonly cores: number } | null;
}

type RefusalCode = 'cpu-saturated' | 'too-large-to-simulate' | 'never-enough';

export interface WorkersWarning {
  readonly code: SizingDoubt | RefusalCode | TableWarning['code'];
  readonly message: string;
}

/** What `plimsoll size workers --json` prints, `schema` apart. */
export interface WorkersFigures {
  readonly recommended: {
    readonly workers: number;
    readonly low: number;
    readonly high: number | null;
    readonly confidence: number | null;
    readonly method: string;
    readonly meetsObjective: boolean;
    /** Length of a bounded line (a channel's buffer) beyond which a job is late already. */
    readonly lineLength: number;
  } | null;
  /** Little's law: arrival rate × service time. */
  readonly busyWorkers: number;
  readonly arrivalsPerSecond: number;
  readonly serviceTimeMs: Milliseconds;
  readonly objective: { readonly limitMs: Milliseconds; readonly share: number };
  readonly table: readonly ({ readonly workers: number } & WaitRow)[];
  readonly bounds: { readonly cpu: number | null };
  readonly discipline: 'random' | 'fifo';
  readonly method: string;
  readonly assumptions: readonly string[];
  /** What else would be needed if; null where the cores would be exhausted, or no number is known. */
  readonly sensitivity: readonly { readonly change: string; readonly workers: number | null }[];
  readonly warnings: readonly WorkersWarning[];
}

export function workersFigures(asked: WorkersAsked, seed: number): WorkersFigures {
  const { load, objective, cpu } = asked;
  const cpuBound = cpu === null ? null : workersOnCores(cpu.cores, load.serviceTime, cpu.cpuTime);
  const question: SizingQuestion = { ...asked, atMost: cpuBound, atLeast: 1, seed };
  const sizing = sizeServers(question);
  const common = {
    busyWorkers: busyServers(load),
    arrivalsPerSecond: load.arrivalRate,
    serviceTimeMs: load.serviceTime,
    objective: { limitMs: objective.limit, share: objective.share },
    bounds: { cpu: cpuBound },
    discipline: load.order,
    method: waitMethod(load, 'service times'),
    assumptions: [
      'jobs wait in one line, first come first served (a Go channel), and none is turned away',
      `a job keeps its worker for ${load.serviceTime} ms on average, however many workers are busy (no lock, no exhausted core, no slower database behind them)`,
      'the rate is that of one instance, steady for longer than the line takes to form',
    ],
  };
  if (sizing.status === 'refused') {
    const code = sizing.reason === 'saturated' ? 'cpu-saturated' : sizing.reason;
    return {
      recommended: null,
      ...common,
      table: [],
      sensitivity: [],
      warnings: [{ code, message: refusalText(code, asked, cpuBound) }],
    };
  }
  const { servers: workers, low, high, needed, rows, doubts } = sizing;
  const ranges = asked.lightest !== load;
  const table = rows.map((waits) => ({ workers: waits.servers, ...waitRow(waits, load, objective) }));
  const meetsObjective = table.find((row) => row.workers === workers)?.meetsObjective === true;
  const text: Record<SizingDoubt, string> = {
    'cut-to-bound': `the objective needs ${needed.estimate} workers, ${cpu?.cores} cores run ${cpuBound}: cut to ${workers}; more cores or less processor time per job`,
    'raised-to-bound': '',
    'bounds-conflict': '',
    'simulation-undecided': `the simulation does not tell ${needed.low} to ${needed.high ?? 'unknown'} apart at the expected load; the larger is the safe one`,
    'heaviest-load-saturates': 'at the heavy end of the ranges given the cores are exhausted',
    'high-unknown': 'no number is known to be enough at the heavy end',
  };
  return {
    recommended: {
      workers,
      low,
      high,
      confidence: common.method.startsWith('simulated') && !ranges ? 0.95 : null,
      method: intervalMeaning(load, ranges),
      meetsObjective,
      lineLength: lineWithin(objective.limit, workers, load.serviceTime),
    },
    ...common,
    table,
    sensitivity: sensitivityOf(question),
    warnings: [
      ...doubts.map((code) => ({ code, message: text[code] })),
      ...tableWarnings(table, meetsObjective, `${workers} workers`),
    ],
  };
}

function refusalText(code: RefusalCode, { load, cpu }: WorkersAsked, cpuBound: number | null): string {
  const busy = Number(busyServers(load).toPrecision(4));
  switch (code) {
    case 'cpu-saturated':
      return `the cores are exhausted, and more workers don't help: ${busy} workers are busy on average, ${cpu?.cores} cores run ${cpuBound} at ${cpu?.cpuTime} ms of processor time per job; more cores, or cheaper jobs`;
    case 'too-large-to-simulate':
      return `${busy} busy workers are more than a simulation can settle (${mostSimulatedErlangs}): size one instance, or take service times as exponential (--service-cv 1)`;
    case 'never-enough':
      return 'no number of workers is known to meet the objective; a longer limit, or a lower load';
    default:
      return code satisfies never;
  }
}

function sensitivityOf(question: SizingQuestion): WorkersFigures['sensitivity'] {
  const { load } = question;
  const changes: readonly (readonly [string, Partial<WaitingLoad>])[] = [
    ['20 % more arrivals', { arrivalRate: perSecond(load.arrivalRate * 1.2) }],
    ['jobs that take twice as long', { serviceTime: milliseconds(load.serviceTime * 2) }],
    load.serviceCv === 1
      ? ['service times of cv 3 (some very long jobs)', { serviceCv: 3 }]
      : ['exponential service times (cv 1)', { serviceCv: 1 }],
  ];
  // Jobs that wait longer for something else leave the cores as they are: more workers fit on them.
  const fitting = ({ serviceTime = load.serviceTime }: Partial<WaitingLoad>): number | null =>
    question.atMost === null ? null : Math.floor((question.atMost * serviceTime) / load.serviceTime);
  return changes.map(([change, to]) => ({
    change,
    workers: serversFor({ ...load, ...to }, { ...question, atMost: fitting(to) }),
  }));
}
