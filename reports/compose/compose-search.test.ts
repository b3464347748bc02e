import test from 'ava';
import { analyze } from '../../analysis/analyze.ts';
import { buildRunRecord } from '../../fixtures/records/build-run-record.ts';
import type { SearchFigures } from '../../model/search-figures.ts';
import { milliseconds, perSecond, seconds } from '../../model/units.ts';
import { toTerminal } from '../render/to-terminal.ts';
import { composeSearch } from './compose-search.ts';

const record = buildRunRecord({
  stages: [{ rate: 100, seconds: 5 }],
  objectives: [
    { kind: 'latency-quantile', endpoint: null, comparison: '<', quantile: 0.99, limitMs: milliseconds(50) },
  ],
});
const estimate = { estimate: 917, low: 900, high: 930, confidence: 0.95, method: 'model' };

const found: SearchFigures = {
  status: 'found',
  boundsPerSecond: { low: perSecond(910), high: perSecond(922) },
  crossingPerSecond: estimate,
  ended: 'bracket',
  conclusive: true,
  reasons: [],
  objective: 'p99<50ms',
  limit: 0.01,
  windowMs: seconds(330),
  conditionalThroughputPerSecond: { ...estimate, estimate: 903, atPerSecond: perSecond(908) },
  certificate: {
    ratePerSecond: perSecond(910),
    durationMs: seconds(300),
    confidence: 0.75,
    restarts: 1,
    by: 'confirmation',
    result: 'pass',
    note: 'a trial of its own confirmed it',
  },
  searches: [],
  probes: [
    {
      search: 1,
      purpose: 'certify',
      ratePerSecond: perSecond(908),
      durationMs: seconds(30),
      violationShare: { ...estimate, estimate: 0.006, low: 0.003, high: 0.012 },
      decision: 'pass',
      reasons: [],
      run: 'a',
    },
    {
      search: 1,
      purpose: 'probe',
      ratePerSecond: perSecond(2000),
      durationMs: seconds(5),
      violationShare: null,
      decision: 'invalid',
      reasons: ['generator-late'],
      run: 'b',
    },
  ],
};

function shown(figures: SearchFigures): string {
  const analysis = analyze(record);
  const status = figures.conclusive ? 'pass' : 'inconclusive';
  const document = composeSearch({ ...analysis, verdict: { ...analysis.verdict, status } }, record.plan, figures);
  return toTerminal(document, { colour: false, width: 120, reportPath: 'report.html' });
}

test('what was found, by what it is certified, the window, every trial; the last lines are the answer', (t) => {
  const text = shown(found);
  const last = text.trimEnd().split('\n').slice(-4);
  t.regex(last[0] ?? '', /^verdict\s+PASS: 910\/s is the highest rate that holds the objectives/);
  t.regex(last[1] ?? '', /^water-level\s+910\/s: passes; 922\/s fails; crossed at 917\/s, 95%: 900\/s to 930\/s/);
  t.regex(last[2] ?? '', /^limiter/);
  t.regex(text, /p99<50ms: at most 1% of all requests may violate it, over a window of 5 min 30 s/);
  t.regex(text, /903\/s within the objective: at 908\/s/);
  t.regex(text, /pass: 5 min of trials, probability at least 75\.0%, 1 restart of the target/);
  t.regex(text, /certify\s+908\/s\s+30 s\s+0\.600%\s+0\.300% to 1\.20%\s+pass/);
  t.regex(text, /probe\s+2,000\/s\s+5 s\s+–\s+invalid \(generator-late\)/);
});

test('a search that found nothing says why, and what held', (t) => {
  const none = {
    ...found,
    crossingPerSecond: null,
    conclusive: false,
    certificate: null,
    conditionalThroughputPerSecond: null,
    boundsPerSecond: { low: perSecond(800), high: null },
  };
  const limited = shown({ ...none, status: 'generator-limited', reasons: ['the load generator is the limit'] });
  t.regex(limited, /INCONCLUSIVE: the generator, not the target, is the limit; 800\/s held/);
  t.regex(limited, /The load generator is the limit\./);
  t.regex(limited, /water-level\s+≥ 800\/s/);
  t.regex(shown({ ...none, status: 'unfinished' }), /not finished; 800\/s held so far/);
  t.regex(shown({ ...none, status: 'never-overloaded' }), /nothing was violated: 800\/s held/);
  const nothing = { low: null, high: perSecond(1) };
  t.regex(shown({ ...none, status: 'always-overloaded', boundsPerSecond: nothing }), /unknown: 1\/s violates/);
});
