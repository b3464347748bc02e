import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { type PlantedFault, plantedFaults, twinOf } from '../fixtures/planted-faults.ts';
import { startPlimsoll } from '../fixtures/run-program.ts';
import { buildService } from '../fixtures/services/build-service.ts';
import { startDownstream } from '../fixtures/services/downstream-service.ts';
import { type Database, openDatabase } from '../fixtures/services/embedded-postgres.ts';
import { buildGroupBuy, groupBuyTarget } from '../fixtures/services/group-buy-service.ts';
import type { Bench, Benchmark, Figure } from './benchmark.ts';

/*
 * The whole program against a service that is known to be wrong in one way (fixtures/planted-faults.ts), and against the
 * same service with nothing planted: whether it finds what is there, where it is and how much, and says nothing else.
 */

const recallAsked = 0.95;
/** Runs in which one warning may be false. */
const runsPerFalseWarning = 20;
const warmUpSeconds = 10;

export const plantedFaultsFound: Benchmark = {
  name: 'planted-faults',
  about: 'what is planted in a service is found at its place and of its size, and nothing else',
  minutes: 450,
  run: async (bench) => {
    const place = await prepare(bench);
    try {
      const trials: Trial[] = [];
      for (const planted of wantedBy(bench))
        for (let repeat = 0; repeat < bench.repeats; repeat++)
          for (const run of planted.expected === null ? [planted] : [planted, twinOf(planted)])
            trials.push(await tried(place, run));
      return [...trials.map(figureOf), ...together(trials)];
    } finally {
      await place.database?.stop();
    }
  },
};

/** A few that cover leaks, a lock, the database, a client and the decoys. */
const quickNames: ReadonlySet<string> = new Set([
  'goroutine-leak',
  'ctx-ignored',
  'memory-leak',
  'bounded-cache',
  'file-leak',
  'slow-log',
  'fan-out',
  'client-per-call',
]);

function wantedBy({ quick, only }: Bench): readonly PlantedFault[] {
  const unknown = only.filter((name) => !plantedFaults.some((planted) => planted.name === name));
  if (unknown.length > 0) throw new Error(`nothing of that name is planted: ${unknown.join(', ')}`);
  if (only.length > 0) return plantedFaults.filter(({ name }) => only.includes(name));
  return quick ? plantedFaults.filter(({ name }) => quickNames.has(name)) : plantedFaults;
}

interface Place {
  readonly bench: Bench;
  readonly binary: string;
  readonly downstream: string;
  /** Null where nothing that is wanted needs one. */
  readonly database: Database | null;
}

async function prepare(bench: Bench): Promise<Place> {
  const needsDatabase = wantedBy(bench).some(({ database }) => database === true);
  return {
    bench,
    binary: await buildGroupBuy(console.error),
    downstream: await buildService('downstream', console.error),
    database: needsDatabase ? await openDatabase({ say: console.error, processors: bench.theirs }) : null,
  };
}

const estimate = z.object({ estimate: z.number(), low: z.number(), high: z.number() });
const finding = z.object({
  id: z.string(),
  status: z.string(),
  severity: z.string(),
  estimate: estimate.nullable(),
  recommendation: z.string(),
  evidence: z.array(z.object({ source: z.string(), statement: z.string() })),
});
const document = z.object({
  stages: z.array(z.object({ validity: z.object({ status: z.string(), reasons: z.array(z.string()) }) })),
  findings: z.array(finding),
});
type Found = z.infer<typeof finding>;

interface Trial {
  readonly planted: PlantedFault;
  readonly found: readonly Found[];
  /** Why the last stage could not be judged; empty where it could. */
  readonly invalid: readonly string[];
}

async function tried({ bench, binary, downstream, database }: Place, planted: PlantedFault): Promise<Trial> {
  const folder = await mkdtemp(join(bench.folder, 'planted-'));
  const provider =
    planted.provider === undefined ? null : await startDownstream({ binary: downstream, latency: planted.provider });
  try {
    const target = groupBuyTarget({
      binary,
      database: planted.database === true ? database : null,
      downstreamUrl: provider?.url ?? null,
      knobs: planted.knobs ?? {},
    });
    await writeFile(join(folder, 'planted.ts'), scenario(planted, target, bench.quick ? quickSeconds : usualSeconds));
    const { code, out, err } = await startPlimsoll(['run', 'planted.ts', '--json', '--runs', 'runs'], {
      cwd: folder,
      environment: planted.database === true && database !== null ? { SHOP_DATABASE: database.url } : {},
    }).ended;
    if (out === '') throw new Error(`${planted.name}: exit ${code}: ${err}`);
    const { stages, findings } = document.parse(JSON.parse(out));
    const last = stages.at(-1)?.validity;
    return {
      planted,
      found: findings.filter(({ status }) => status !== 'not-applicable'),
      invalid: last?.status === 'valid' ? [] : (last?.reasons ?? ['no stage']),
    };
  } finally {
    await provider?.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

const usualSeconds = 60;
const quickSeconds = 20;

function scenario({ faults, load, database = false }: PlantedFault, target: object, holdSeconds: number): string {
  const { path, body, ratePerSecond, inTurnWith, timeout } = load;
  const request =
    body === undefined
      ? { name: 'request', path }
      : { name: 'request', method: 'POST', path, body, headers: { 'Content-Type': 'application/json' } };
  const other = inTurnWith === undefined ? request : { name: 'other', path: inTurnWith };
  return `
export default {
  name: 'planted',
  target: ${JSON.stringify(target)},
  traffic: { requests: (iteration) => (iteration % 2 === 0 ? ${JSON.stringify(request)} : ${JSON.stringify(other)}) },${timeout === undefined ? '' : ` timeout: '${timeout}', abort: { errors: false },`}
  prepare: async ({ request }) => {
    for (const [name, level] of Object.entries(${JSON.stringify(faults)})) {
      const { status } = await request({ path: '/faults/' + name + '?level=' + level, method: 'POST' });
      if (status !== 200) throw new Error(name + ' was answered with ' + status);
    }
    return null;
  },
  load: {
    arrivals: 'poisson', warmUp: '${warmUpSeconds}s',
    stages: [{ hold: ${ratePerSecond}, for: '${holdSeconds}s' }],
  },
  collect: { metrics: '/metrics', pprof: '/debug/pprof', interval: '1s'${database ? ", postgres: 'env:SHOP_DATABASE'" : ''} },
};
`;
}

type Score = 'right' | 'wrong' | 'missed';

/** What was planted is found with its evidence, its site named and its size inside the declared range. */
function scoreOf({ planted: { expected }, found }: Trial): { readonly score: Score; readonly said: string } {
  if (expected === null) return { score: 'right', said: '' };
  const hits = found.filter(({ id, status }) => id === expected.finding && status === 'estimated');
  if (hits.length === 0) {
    const weak = found.some(({ id }) => id === expected.finding);
    return { score: 'missed', said: weak ? 'inconclusive' : 'not found' };
  }
  const { site, magnitude } = expected;
  const named = hits.find((hit) => site === null || texts(hit).some((text) => text.includes(site)));
  if (named === undefined) return { score: 'wrong', said: `found, but ${site} is not named` };
  const value = named.estimate?.estimate ?? null;
  if (magnitude === null) return { score: 'right', said: 'found' };
  const size = value === null ? 'without a figure' : `${value.toPrecision(3)} ${magnitude.unit}`;
  const inside = value !== null && value >= magnitude.low && value <= magnitude.high;
  return { score: inside ? 'right' : 'wrong', said: `found, ${size}` };
}

const texts = ({ evidence, recommendation }: Found): readonly string[] => [
  recommendation,
  ...evidence.map(({ statement }) => statement),
];

/** What was said beside that, as a warning or worse. */
function falseAlarms({ planted: { expected, also = [] }, found }: Trial): readonly Found[] {
  return found.filter(
    ({ id, severity }) => severity !== 'info' && id !== expected?.finding && !also.includes(id) && id !== notAboutIt,
  );
}

/** It is about the generator. */
const notAboutIt = 'generator-limited';

function figureOf(trial: Trial): Figure {
  const { planted, invalid } = trial;
  const { score, said } = scoreOf(trial);
  const alarms = falseAlarms(trial).map(({ id, severity }) => `${severity} ${id}`);
  const { expected } = planted;
  const asked =
    expected === null
      ? 'nothing'
      : [
          expected.finding,
          expected.magnitude === null
            ? ''
            : `${expected.magnitude.low} to ${expected.magnitude.high} ${expected.magnitude.unit}`,
        ]
          .filter((part) => part !== '')
          .join(', ');
  const measured = [said, ...alarms, ...invalid.map((reason) => `not judged: ${reason}`)].filter((part) => part !== '');
  return {
    what: planted.name,
    asked,
    measured: measured.length === 0 ? 'nothing' : measured.join('; '),
    pass: score === 'right' && alarms.length === 0,
  };
}

function together(trials: readonly Trial[]): Figure[] {
  const planted = trials.filter((trial) => trial.planted.expected !== null);
  const clean = trials.filter((trial) => trial.planted.expected === null);
  const recalled = planted.filter((trial) => scoreOf(trial).score === 'right').length;
  const alarms = clean.flatMap(falseAlarms);
  const critical = alarms.filter(({ severity }) => severity === 'critical').length;
  const warnings = alarms.length - critical;
  return [
    {
      what: 'recall, with the right site and size',
      asked: `≥ ${recallAsked}`,
      measured: `${recalled} of ${planted.length}`,
      pass: planted.length === 0 ? null : recalled / planted.length >= recallAsked,
    },
    {
      what: 'criticals in clean twins and decoys',
      asked: '0',
      measured: `${critical} in ${clean.length} runs`,
      pass: clean.length === 0 ? null : critical === 0,
    },
    {
      what: 'warnings in clean twins and decoys',
      asked: `≤ 1 in ${runsPerFalseWarning} runs`,
      measured: `${warnings} in ${clean.length} runs`,
      pass: clean.length === 0 ? null : warnings <= Math.ceil(clean.length / runsPerFalseWarning),
    },
  ];
}
