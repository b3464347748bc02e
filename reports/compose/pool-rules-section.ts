import type { Interval } from '../../model/pool-decision.ts';
import type { OurPoolAdvice, PoolRules, PoolRulesStage } from '../../model/pool-rules.ts';
import type { Block } from '../document.ts';
import { formatCount, formatIn, formatLatency, formatRate, formatSetting, scaleFor } from '../format-quantity.ts';
import { buildTable, counts, estimates, quantities, texts } from './build-table.ts';
import { poolRuleText } from './pool-rule-text.ts';

/** What our rule and the article's say of each pool's size from the same figures, and in what they differ. */
export function poolRulesSection(pools: readonly PoolRules[]): readonly Block[] {
  if (pools.length === 0) return [];
  return [
    { kind: 'heading', level: 3, text: 'The size of the pool, by two rules', brief: true },
    ...pools.flatMap(poolBlocks),
  ];
}

function poolBlocks(rules: PoolRules): readonly Block[] {
  const last = rules.stages.at(-1);
  if (last === undefined) return [];
  const { pool, per, objective, latencyLimit, throughputTarget } = rules;
  const wait = formatSetting(objective.limit, 'ms');
  return [
    { kind: 'text', text: comparison(rules, last), brief: true },
    rulesTable(rules),
    {
      kind: 'text',
      text: `Pool ${pool}, times per ${per}. Ours: a mean wait up to ${wait}, grown only while hold times are flat; a single size only suggests the next one, sweep --design adaptive measures it. The article’s rule, for comparison only: a fifth more connections where the mean response time is above ${formatSetting(latencyLimit, 'ms')} and the throughput below ${formatSetting(throughputTarget, '1/s')}, a tenth fewer where both have room; it looks neither at waits nor at hold times.`,
      tone: 'muted',
    },
  ];
}

function rulesTable({ pool, stages }: PoolRules): Block {
  const figure = (of: (stage: PoolRulesStage) => Interval | null) =>
    stages.map((stage) => {
      const known = of(stage);
      return known === null ? null : { ...known, confidence: 0.95, method: '' };
    });
  return buildTable(`Pool ${pool} in each stage, and what both rules would do after it.`, [
    texts(
      'stage',
      stages.map(({ name }) => name),
    ),
    counts(
      'size',
      stages.map(({ cell }) => cell.size),
    ),
    quantities(
      'mean response',
      'ms',
      stages.map(({ cell }) => cell.latency),
    ),
    estimates(
      'throughput',
      '1/s',
      figure(({ cell }) => cell.throughput),
    ),
    estimates(
      'mean wait',
      'ms',
      figure(({ cell }) => cell.wait),
    ),
    estimates(
      'hold',
      'ms',
      figure(({ cell }) => cell.hold),
    ),
    estimates(
      'in use',
      '1',
      figure(({ cell }) => cell.inUse),
    ),
    texts(
      'ours',
      stages.map(({ ours }) => shortAdvice(ours)),
    ),
    texts(
      "article's rule",
      stages.map(({ cell, article }) => shortStep(cell.size, article)),
    ),
  ]);
}

/** Both in the highest stage in words, and what follows from the difference. */
function comparison({ latencyLimit, throughputTarget, objective }: PoolRules, stage: PoolRulesStage): string {
  const { name, cell, ours, article } = stage;
  const said = `At ${name}, ours: ${oursText(stage, objective.limit)}.`;
  if (article === null) return `${said} The article’s rule cannot be asked: no response was timed.`;
  const slow = (cell.latency ?? 0) > latencyLimit;
  const short = cell.throughput.estimate < throughputTarget;
  const why = `the mean response time of ${formatLatency(cell.latency)} is ${slow ? 'above' : 'within'} ${formatSetting(latencyLimit, 'ms')} and the throughput of ${formatRate(cell.throughput.estimate)} is ${short ? 'below' : 'not below'} ${formatSetting(throughputTarget, '1/s')}`;
  return `${said} The article’s rule: ${shortStep(cell.size, article)}, because ${why}. ${differenceText[ours.kind][directionOf(cell.size, article)]}`;
}

function oursText({ cell, ours, holdRise }: PoolRulesStage, limit: number): string {
  const wait = cell.wait === null ? 'waits that are not known' : `a mean wait of ${formatLatency(cell.wait.estimate)}`;
  const rise = holdRise === null ? null : formatIn(scaleFor('1', [holdRise.estimate]), holdRise.estimate);
  switch (ours.kind) {
    case 'grow':
      return `try ${formatCount(ours.next)} connections instead of ${formatCount(cell.size)}, for ${wait} is above ${formatSetting(limit, 'ms')}${rise === null ? ', though there is no lower stage to compare hold times with' : ` and hold times are × ${rise} those of the lowest stage, not surely longer`}`;
    case 'database-slows':
      return `no larger pool by this run, for although ${wait} is above ${formatSetting(limit, 'ms')} hold times grew to × ${rise ?? ''} those of the lowest stage: what they wait for slows under load`;
    case 'shrink':
      return `try ${formatCount(ours.next)} connections instead of ${formatCount(cell.size)}, for ${wait} is within ${formatSetting(limit, 'ms')} and ${formatCount(cell.inUse?.estimate ?? null)} are in use`;
    case 'stay':
      return `stay at ${formatCount(cell.size)} connections, for ${wait} is within ${formatSetting(limit, 'ms')} and not much is idle`;
    case 'inconclusive':
      return `inconclusive, for ${poolRuleText[ours.rule]}`;
    default:
      return ours.kind satisfies never;
  }
}

function shortAdvice({ kind, next }: OurPoolAdvice): string {
  switch (kind) {
    case 'grow':
    case 'shrink':
      return `${kind} to ${formatCount(next)}`;
    case 'stay':
    case 'inconclusive':
      return kind;
    case 'database-slows':
      return 'stay: hold times grew';
    default:
      return kind satisfies never;
  }
}

function shortStep(size: number, next: number | null): string {
  if (next === null) return '–';
  return next === size ? 'stay' : `${next > size ? 'grow' : 'shrink'} to ${formatCount(next)}`;
}

const directionOf = (size: number, next: number): 'grow' | 'stay' | 'shrink' =>
  next > size ? 'grow' : next < size ? 'shrink' : 'stay';

const differenceText: Readonly<Record<OurPoolAdvice['kind'], Readonly<Record<'grow' | 'stay' | 'shrink', string>>>> = {
  grow: {
    grow: 'Both enlarge it here; only ours would have noticed a database that slows.',
    stay: 'It does not see the wait, since response time or throughput have room.',
    shrink: 'It would shrink a pool that requests wait for.',
  },
  'database-slows': {
    grow: 'It would send more statements into a database that is slower already, and the wait would only move there.',
    stay: 'Neither enlarges it; only ours says that the database is what to look at.',
    shrink:
      'It shrinks the pool because there is room, not because the database slows; ours asks for a measurement at another size.',
  },
  shrink: {
    grow: 'The response time has another cause than the pool, for which hardly anything waits: more connections would change nothing.',
    stay: 'It does not see connections that nobody uses.',
    shrink: 'Both shrink it; only ours stops where acquisitions begin to wait.',
  },
  stay: {
    grow: 'The response time has another cause than the pool, for which hardly anything waits: more connections would change nothing.',
    stay: 'Both leave it as it is.',
    shrink: 'It would take connections away until something waits.',
  },
  inconclusive: {
    grow: 'It would enlarge the pool without having looked at a wait or a hold time.',
    stay: 'It stays without having looked at a wait or a hold time.',
    shrink: 'It would shrink the pool without having looked at a wait or a hold time.',
  },
};
