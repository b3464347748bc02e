import test from 'ava';
import {
  type AnalysedRun,
  buildAbortedAnalysis,
  buildClosedAnalysis,
  buildNothingAnalysis,
  buildPlainUrlAnalysis,
  buildStairAnalysis,
} from '../../fixtures/records/build-analysis.ts';
import type { Estimate, Finding } from '../../model/finding.ts';
import { milliseconds, perSecond } from '../../model/units.ts';
import type { Block, Document, VerdictBlock } from '../document.ts';
import { composeRun } from './compose-run.ts';

const composed = ({ analysis, plan }: AnalysedRun): Document => composeRun(analysis, plan);
const charts = ({ blocks }: Document): string[] =>
  blocks.flatMap((block) => (block.kind === 'chart' ? [block.id] : []));
const textsOf = ({ blocks }: Document): string =>
  blocks.flatMap((block) => (block.kind === 'text' ? [block.text] : [])).join('\n');
function verdictOf({ blocks }: Document): VerdictBlock {
  const [first] = blocks;
  if (first?.kind !== 'verdict') throw new Error('the verdict does not come first');
  return first;
}
const fact = (document: Document, id: string): string => {
  const found = verdictOf(document).facts.find((one) => one.id === id);
  return found === undefined ? 'absent' : `${found.value}: ${found.note ?? ''}`;
};

test('the answer comes first: verdict, water-level, limiter, what to set', (t) => {
  const document = composed(buildStairAnalysis());
  const { status, headline, facts } = verdictOf(document);
  t.is(status, 'fail');
  t.is(headline, 'objectives held up to 800/s and were missed at 1,000/s');
  t.deepEqual(
    facts.map(({ id }) => id),
    ['water-level', 'limiter', 'load-to-plan', 'first-change', 'objectives'],
  );
  t.is(fact(document, 'water-level'), '800/s: held at 800/s, missed at 1,000/s');
  t.is(fact(document, 'limiter'), 'connection pool: 188 ms wait per request (limit 1 ms) from 1,000/s');
  t.is(fact(document, 'load-to-plan'), '≤ 560/s: that is green; yellow up to 680/s, red above');
  t.true(fact(document, 'objectives').endsWith('of 7 stages: 4 held, 2 missed, 1 invalid'));
});

test('every chart has a unique id, data as a table, and as many cells as columns', (t) => {
  for (const build of [buildStairAnalysis, buildPlainUrlAnalysis, buildClosedAnalysis, buildAbortedAnalysis]) {
    const document = composed(build());
    t.is(new Set(charts(document)).size, charts(document).length);
    t.true(charts(document).length > 0);
    for (const block of document.blocks) {
      if (block.kind === 'chart') t.true(block.rows.length > 0 && block.description !== '', block.id);
      if (block.kind === 'chart' || block.kind === 'table')
        for (const row of block.rows) t.is(row.length, block.columns.length);
    }
  }
});

test('what was not measured is said with its reason and not drawn', (t) => {
  const document = composed(buildPlainUrlAnalysis());
  t.deepEqual(
    charts(document).filter((id) => id.startsWith('signals') || id.startsWith('cpu') || id.startsWith('pool')),
    [],
  );
  t.regex(textsOf(document), /Not measured: processors, memory\. .*--metrics/);
  t.regex(textsOf(document), /Not measured: garbage collection, goroutines\./);
  t.regex(textsOf(document), /--pprof/);
});

test('a collector that failed is named with what it said', (t) => {
  const { plan, analysis } = buildPlainUrlAnalysis();
  const coverage = [
    {
      collector: 'prometheus',
      source: 'http://127.0.0.1:8080/metrics',
      status: 'failed',
      readings: 0,
      failures: 9,
      reason: '401 Unauthorized',
      meanMs: null,
      bytes: analysis.environment.host.memoryBytes,
    },
  ] as const;
  const document = composeRun({ ...analysis, detail: { ...analysis.detail, coverage } }, plan);
  t.regex(textsOf(document), /goroutines.*Prometheus metrics: 401 Unauthorized/);
});

test('an invalid stage is told apart from a missed one, in table, chart and text', (t) => {
  const document = composed(buildStairAnalysis());
  const stages = document.blocks.find((block) => block.kind === 'table');
  const results = stages?.rows.map((row) => {
    const result = row[2];
    return typeof result === 'object' ? result.text : result;
  });
  t.deepEqual(results, ['warm-up', 'held', 'held', 'held', 'held', 'missed', 'missed', 'invalid']);
  const main = document.blocks.find((block): block is Extract<Block, { kind: 'chart' }> => block.kind === 'chart');
  const specification = JSON.stringify(main?.specification);
  t.true(specification.includes('"mark":"missed"') && specification.includes('"mark":"invalid"'));
  t.regex(
    textsOf(document),
    /Stage 7 \(1,400\/s\) is invalid and was not judged: the generator asked for more or fewer requests than planned; the generator was late/,
  );
});

test('in a closed loop the axis counts users and there is no water-level', (t) => {
  const document = composed(buildClosedAnalysis());
  t.regex(fact(document, 'water-level'), /^not defined: in a closed loop/);
  t.is(verdictOf(document).headline, 'objectives were missed at 500 users');
  const main = document.blocks.find((block) => block.kind === 'chart');
  t.regex(main?.description ?? '', /Closed loop/);
  t.true(JSON.stringify(main?.specification).includes('"title":"users"'));
});

test('a run that ended early says why and how far it came', (t) => {
  const document = composed(buildAbortedAnalysis());
  t.is(verdictOf(document).headline, 'the run ended early: too many errors');
  t.is(fact(document, 'water-level'), '≥ 200/s: held at 200/s; higher levels could not be judged');
  t.regex(document.subtitle, / · 45 s \(of 2 min 25 s\) of open-loop load by autocannon · /);
  t.regex(textsOf(document), /63% of the requests.*2 of 7 hold stages were reached/);
  t.regex(textsOf(document), /Stages 3–7 are invalid/);
});

test('charts over time end with the load', (t) => {
  const { plan, analysis } = buildStairAnalysis();
  const lasts = 145;
  const [last] = analysis.detail.timeline.slice(-1);
  if (last === undefined) throw new Error('no timeline');
  const document = composeRun(
    {
      ...analysis,
      detail: {
        ...analysis.detail,
        timeline: [...analysis.detail.timeline, { ...last, second: lasts + 9, due: 0, done: 0, failed: 0 }],
        signals: analysis.detail.signals.map((series) => ({
          ...series,
          points: [...series.points, { second: lasts + 9, value: 1e12 }],
        })),
      },
    },
    plan,
  );
  const overTime = document.blocks.filter((block) => block.kind === 'chart' && /time$|^signals/.test(block.id));
  t.true(overTime.length > 5);
  for (const { specification, rows } of overTime.filter((block) => block.kind === 'chart')) {
    t.regex(JSON.stringify(specification), /"domain":\[0,145\]/);
    t.false(JSON.stringify(specification).includes('1000000000000'));
    t.true(rows.every(([second]) => Number(second) <= lasts));
  }
});

test('a CPU profile of few samples shows counts, and says so', (t) => {
  const { plan, analysis } = buildStairAnalysis();
  const tableOf = (samples: number): string => {
    const profiles = analysis.detail.profiles.map((profile) => ({ ...profile, samples }));
    const { blocks } = composeRun({ ...analysis, detail: { ...analysis.detail, profiles } }, plan);
    return JSON.stringify(blocks.find((block) => block.kind === 'table' && block.caption.startsWith('CPU: ')));
  };
  t.regex(tableOf(100), /too few for percentages.*"runtime.mallocgc","21","21"/);
  t.regex(tableOf(812), /"runtime.mallocgc","21.0%","21.0%"/);
});

test('the target’s side is said in brief at the limiter’s stage and the highest valid one, with what is missing', (t) => {
  const said = textsOf(composed(buildStairAnalysis()));
  t.regex(
    said,
    /^Target at stage 5 \(1,000\/s\): processors 0.730 of 1, GC 3.20% of CPU, RSS .* pool orders 7.98 of 8 in use\.$/m,
  );
  t.regex(said, /^Target at stage 6 /m);
  t.regex(said, /^Not collected: GC trace\.$/m);
  const blind = textsOf(composed(buildPlainUrlAnalysis()));
  t.notRegex(blind, /^Target at /m);
  t.regex(blind, /^Not collected: processors, host, memory, .*, profiles\.$/m);
});

test('a host that is busy tells how little of it is the target', (t) => {
  const { plan, analysis } = buildStairAnalysis();
  const limiter = { signal: 'host-cpu', value: 0.99, limit: 0.7, unit: 'ratio', firstStage: 1 } as const;
  const document = composeRun({ ...analysis, capacity: { ...analysis.capacity, limiter } }, plan);
  t.is(
    fact(document, 'limiter'),
    'CPU of the host: 99.0% of the processors busy, by all processes (limit 70%) from 200/s; the target itself used 0.144 processors',
  );
});

const slow = (value: Estimate | null): Estimate | null =>
  value === null ? null : { ...value, estimate: value.estimate * 40, low: value.low * 40, high: value.high * 40 };

test('times that are read across have one unit, however far p50 is from p99', (t) => {
  const { plan, analysis } = buildStairAnalysis();
  const stages = analysis.stages.map((stage) => ({
    ...stage,
    responseTimeMs: { ...stage.responseTimeMs, '0.99': slow(stage.responseTimeMs['0.99']) },
  }));
  const document = composeRun({ ...analysis, stages }, plan);
  const table = document.blocks.find(
    (block) => block.kind === 'table' && block.columns.some(({ title }) => title.startsWith('p50')),
  );
  const titles = table?.kind === 'table' ? table.columns.map(({ title }) => title) : [];
  t.deepEqual(
    titles.filter((title) => /^(p\d|max)/.test(title)),
    ['p50, ms', 'p90, ms', 'p99, ms', 'p99.9, ms', 'max, ms'],
  );
});

test('an undecided stage says which objective is open, and why', (t) => {
  const { plan, analysis } = buildStairAnalysis();
  const document = composeRun(
    {
      ...analysis,
      stages: analysis.stages.map((stage) => (stage.index > 2 && stage.index < 5 ? { ...stage, held: null } : stage)),
      verdict: {
        ...analysis.verdict,
        objectives: analysis.verdict.objectives.map((result) =>
          result.stage > 2 && result.stage < 5 && result.objective === 'p99<200ms'
            ? { ...result, status: 'inconclusive', reason: 'the interval holds the limit' }
            : result,
        ),
      },
    },
    plan,
  );
  t.regex(textsOf(document), /^Stages 3, 4 are undecided: p99<200ms: the interval holds the limit\.$/m);
});

test('how requests failed stands under the stages', (t) => {
  t.regex(textsOf(composed(buildStairAnalysis())), /^Failed in stage 6 \(1,200\/s\): 528 × timed out\.$/m);
});

test('a run of which no answer was as expected does not say that nothing was answered', (t) => {
  const { plan, analysis } = buildStairAnalysis();
  const document = composeRun(
    {
      ...analysis,
      stages: analysis.stages.map((stage) => ({
        ...stage,
        done: 0,
        failed: stage.due,
        failures: { 'unexpected-status': stage.due },
        statuses: { '401': stage.due },
        held: null,
      })),
      verdict: { ...analysis.verdict, status: 'inconclusive' },
    },
    plan,
  );
  t.regex(verdictOf(document).headline, /^no answer was as expected: [\d,]+ × status 401$/);
});

const denied: Finding = {
  id: 'unexpected-status',
  status: 'estimated',
  severity: 'critical',
  title: '98 % of the answers were 401',
  estimate: null,
  evidence: [],
  recommendation: 'give --auth user:password',
  warnings: [],
};

test('a run that ended early for its answers says which they were, and the way out', (t) => {
  const { plan, analysis } = buildAbortedAnalysis();
  const document = composeRun({ ...analysis, findings: [denied] }, plan);
  t.is(verdictOf(document).headline, 'the run ended early: too many errors; 98 % of the answers were 401');
  t.is(fact(document, 'first-change'), '98 % of the answers were 401: give --auth user:password');
});

test('stages in which the generator was late are judged, and said to be so', (t) => {
  const { plan, analysis } = buildStairAnalysis();
  const stages = analysis.stages.map((stage) => ({
    ...stage,
    validity:
      stage.kind === 'hold'
        ? { status: 'valid' as const, reasons: stage.index < 3 ? ['generator-stalled'] : [] }
        : stage.validity,
  }));
  const said = textsOf(composeRun({ ...analysis, stages }, plan));
  t.regex(said, /^Stages 1, 2 were driven late and are judged as far as that allows: the generator stalled\.$/m);
  t.regex(said, /^Not where it was judged\. It was late in stages 1, 2: what that may explain is not held against/m);
  const punctual = stages.map((stage) => ({ ...stage, validity: { ...stage.validity, reasons: [] } }));
  t.regex(textsOf(composeRun({ ...analysis, stages: punctual }, plan)), /^No\. It kept its schedule in all 7 hold/m);
});

test('a load that was ended by something else is not laid at the generator’s door', (t) => {
  t.regex(
    textsOf(composed(buildAbortedAnalysis())),
    /^No\. It kept its schedule in the 1 of 7 hold stages that were driven to their end/m,
  );
});

test('a run without any measurement is a report without any figure', (t) => {
  const document = composed(buildNothingAnalysis());
  t.deepEqual(charts(document), []);
  t.is(verdictOf(document).headline, 'the run failed: connect ECONNREFUSED 127.0.0.1:8080');
  t.is(fact(document, 'limiter'), 'unknown: there is no valid stage to look at');
  t.notRegex(document.subtitle, / load by /);
  t.regex(textsOf(document), /What to do: start the service/);
});

test('without objectives nothing is called held or missed', (t) => {
  const { plan, analysis } = buildStairAnalysis();
  const document = composeRun(
    {
      ...analysis,
      capacity: { ...analysis.capacity, waterLevelPerSecond: null, levels: null },
      stages: analysis.stages.map((stage) => ({ ...stage, held: null })),
      verdict: { status: 'inconclusive', reasons: ['no objectives'], objectives: [] },
      detail: { ...analysis.detail, objectives: [] },
    },
    { ...plan, objectives: [] },
  );
  t.is(verdictOf(document).headline, 'measured, not judged: no objectives were set');
  t.is(fact(document, 'water-level'), 'not asked: no objectives to hold; it kept up with 1,000/s');
  const said = JSON.stringify(document.blocks.filter(({ kind }) => kind === 'table'));
  t.false(/"held"|"missed"|"undecided"/.test(said));
});

test('when the lowest level already missed, the water-level is said to lie below it', (t) => {
  const { plan, analysis } = buildStairAnalysis();
  const document = composeRun(
    {
      ...analysis,
      capacity: { ...analysis.capacity, waterLevelPerSecond: null, levels: null },
      stages: analysis.stages.map((stage) => ({ ...stage, held: stage.held === null ? null : false })),
    },
    plan,
  );
  t.regex(fact(document, 'water-level'), /^below 200\/s/);
  t.is(verdictOf(document).headline, 'objectives were missed at 200/s');
});

test('a ramp alone is drawn second by second', (t) => {
  const { plan, analysis } = buildStairAnalysis();
  const [, hold] = analysis.stages;
  if (hold === undefined) throw new Error('no stage');
  const ramp = { ...hold, index: 0, kind: 'ramp', name: 'ramp', held: null } as const;
  const document = composeRun(
    {
      ...analysis,
      stages: [ramp],
      capacity: { ...analysis.capacity, waterLevelPerSecond: null, levels: null, limiter: null, crossed: [] },
      verdict: { status: 'inconclusive', reasons: ['no hold stage was planned'], objectives: [] },
      detail: {
        ...analysis.detail,
        timeline: analysis.detail.timeline.map((point, second) => ({ ...point, stage: 0, due: second * 10 })),
      },
    },
    {
      ...plan,
      loadProfile: {
        kind: 'open',
        arrivals: 'even',
        stages: [
          {
            name: 'ramp',
            kind: 'ramp',
            startPerSecond: perSecond(0),
            endPerSecond: perSecond(1450),
            durationMs: milliseconds(145_000),
          },
        ],
      },
    },
  );
  const main = document.blocks.find((block) => block.kind === 'chart');
  t.is(main?.id, 'latency-over-load');
  t.regex(main?.description ?? '', /One point per second of the ramp/);
  t.regex(fact(document, 'objectives'), /judged on hold stages only, and none was planned$/);
});

const capacityCharts = ['met-over-load', 'throughput-over-concurrency', 'residuals-over-load'];

test('the capacity part: P(met) with the levels as load lines, the next limit, a reason for every law', (t) => {
  const document = composed(buildStairAnalysis());
  t.deepEqual(
    charts(document).filter((id) => capacityCharts.includes(id)),
    capacityCharts,
  );
  const met = document.blocks.find((block) => block.kind === 'chart' && block.id === 'met-over-load');
  const drawn = JSON.stringify(met);
  for (const line of ['green to 560/s', 'yellow to 680/s', 'water-level 800/s', 'W.95 846/s', 'W.50 893/s'])
    t.true(drawn.includes(line), line);
  t.regex(textsOf(document), /^p99<200ms in windows of 18 s: met in 95 of 100 up to 846\/s \(801–921\)/m);
  t.regex(textsOf(document), /^Behind the limiter: target’s CPU at 962\/s \(921–998\)\.$/m);
  const laws = document.blocks.find(
    (block) => block.kind === 'table' && block.caption.startsWith('Laws of throughput'),
  );
  t.is(laws?.kind === 'table' ? laws.rows.length : 0, 4);
});

test('what the stages do not tell is said and not drawn', (t) => {
  const { plan, analysis } = buildStairAnalysis();
  const { objectivesMet } = analysis.capacity;
  const unknown = {
    ...objectivesMet,
    status: 'inconclusive',
    objective: null,
    w95PerSecond: null,
    w50PerSecond: null,
    curve: [],
    note: 'p99<200ms: 2 different rates were measured, 3 are the fewest: add stages',
  } as const;
  const document = composeRun({ ...analysis, capacity: { ...analysis.capacity, objectivesMet: unknown } }, plan);
  t.false(charts(document).includes('met-over-load'));
  t.regex(textsOf(document), /How likely the objectives are met at a rate is not told: p99<200ms: 2 different rates/);
  for (const build of [buildClosedAnalysis, buildNothingAnalysis, buildAbortedAnalysis])
    t.false(charts(composed(build())).some((id) => capacityCharts.includes(id)));
});
