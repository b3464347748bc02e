import test from 'ava';
import { analyze } from '../../analysis/analyze.ts';
import { buildRunRecord } from '../../fixtures/records/build-run-record.ts';
import type { Objective } from '../../model/objective.ts';
import type { PoolRules } from '../../model/pool-rules.ts';
import { milliseconds } from '../../model/units.ts';
import { toMarkdown } from '../render/to-markdown.ts';
import { toTerminal } from '../render/to-terminal.ts';
import { poolRulesSection } from './pool-rules-section.ts';

const limit = (limitMs: number): Objective => ({
  kind: 'latency-quantile',
  quantile: 0.99,
  limitMs: milliseconds(limitMs),
  endpoint: null,
  comparison: '<',
});

interface Stage {
  readonly rate: number;
  readonly inUse: number;
  readonly waitMs: number;
  readonly responseMs: number;
}

/** A run with one pool of 12, a stage after the other. */
function rulesOf(stages: readonly Stage[], objectives: readonly Objective[] = [limit(50)]): readonly PoolRules[] {
  return analyze(
    buildRunRecord({
      objectives,
      stages: stages.map(({ rate, inUse, waitMs, responseMs }) => ({
        name: `${rate}/s`,
        rate,
        seconds: 8,
        settling: 2,
        latencyMs: () => responseMs,
        // The article's rule acts only where the target is missed by something.
        failures: { timeout: 0.005 },
        target: { pool: { maxOpen: 12, inUse, waitsPerSecond: rate / 2, waitMsPerRequest: waitMs } },
      })),
    }),
  ).detail.poolRules;
}

const document = (pools: readonly PoolRules[]) => ({ title: '', subtitle: '', blocks: poolRulesSection(pools) });
const markdown = (pools: readonly PoolRules[]): string => toMarkdown(document(pools));

test('a database that slows: ours stops where the article’s rule grows, in the report and on the terminal', (t) => {
  const rules = rulesOf([
    { rate: 100, inUse: 1, waitMs: 0, responseMs: 12 },
    { rate: 600, inUse: 12, waitMs: 60, responseMs: 90 },
  ]);
  t.is(rules.length, 1);
  const text = markdown(rules);
  t.regex(text, /At 600\/s, ours: no larger pool by this run.*hold times grew to × (?:1\.9|2\.0)\d? those/);
  t.regex(text, /The article’s rule: grow to 14, because the mean response time of 90(\.\d)? ms is above 50 ms/);
  t.regex(text, /It would send more statements into a database that is slower already/);
  t.regex(text, /\| 100\/s .*shrink to/);
  const terminal = toTerminal(document(rules), { colour: false, width: 100, reportPath: '' });
  t.regex(terminal, /by two rules[^]*ours: no larger pool/);
  t.notRegex(terminal, /looks neither at waits/);
});

test('a pool that is too small while hold times are flat: both enlarge it; nothing waits: only the article’s rule does', (t) => {
  const small = markdown(
    rulesOf([
      { rate: 300, inUse: 6, waitMs: 0, responseMs: 20 },
      { rate: 600, inUse: 12, waitMs: 40, responseMs: 60 },
    ]),
  );
  t.regex(small, /ours: try 18 connections instead of 12.*grow to 14.*Both enlarge it here/);
  const idle = markdown(
    rulesOf([
      { rate: 300, inUse: 1, waitMs: 0, responseMs: 20 },
      { rate: 600, inUse: 2, waitMs: 0, responseMs: 80 },
    ]),
  );
  t.regex(idle, /ours: try \d connections instead of 12.*grow to 14.*more connections would change nothing/);
});

test('without a pool, or without what the article’s rule goes by, there is nothing to compare', (t) => {
  t.deepEqual(poolRulesSection(rulesOf([{ rate: 100, inUse: 1, waitMs: 0, responseMs: 12 }], [])), []);
  t.deepEqual(
    analyze(buildRunRecord({ objectives: [limit(50)], stages: [{ rate: 50, seconds: 5 }] })).detail.poolRules,
    [],
  );
});
