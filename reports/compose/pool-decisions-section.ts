import type { Interval, PoolDecision, PoolObjective, PoolSweepLog, PoolThresholds } from '../../model/pool-decision.ts';
import type { Block, Cell, Tone } from '../document.ts';
import { formatCount, formatPercent, formatSetting, scaleFor } from '../format-quantity.ts';
import { type FilledColumn, buildTable, counts, estimate, texts, titled } from './build-table.ts';
import { poolRuleText } from './pool-rule-text.ts';

/** The log of a closed-loop pool sweep: every step with the numbers that made it, the article's rule beside ours. */
export function poolDecisionsSection({ decisions, article }: PoolSweepLog): readonly Block[] {
  const last = decisions.at(-1);
  if (last === undefined) return [];
  return [
    { kind: 'heading', level: 2, text: 'Pool sizes that were tried', brief: true },
    { kind: 'text', text: outcome(last), tone: outcomeTone(last), brief: true },
    decisionTable(decisions, article?.sizes ?? null),
    ...decisions.map((decision, index): Block => ({
      kind: 'text',
      text: `${index + 1}. ${decisionText(decision)}: ${poolRuleText[decision.rule]}.`,
      brief: true,
    })),
    { kind: 'text', text: howItDecides(last.objective, last.thresholds), tone: 'muted' },
    ...(article === null
      ? []
      : [
          {
            kind: 'text',
            text: `Article's rule, for comparison only: a fifth more connections where the mean latency is above ${formatSetting(article.latencyLimit, 'ms')} and the throughput below ${formatSetting(article.throughputTarget, '1/s')}, a tenth fewer where both have room. It looks neither at waits nor at hold times, so it cannot tell a pool that is too small from a database that is saturated.`,
            tone: 'muted',
          } as const,
        ]),
  ];
}

function decisionTable(decisions: readonly PoolDecision[], article: readonly (number | null)[] | null): Block {
  const column = (title: string, of: (decision: PoolDecision) => Cell): FilledColumn => texts(title, decisions.map(of));
  const figures = (
    title: string,
    unit: string,
    of: (decision: PoolDecision) => Interval | null | undefined,
    leaves?: number,
  ): FilledColumn => {
    const scale = scaleFor(
      unit,
      decisions.map((decision) => of(decision)?.estimate ?? null),
    );
    return {
      title: titled(title, scale),
      align: 'decimal',
      cells: decisions.map((decision) => {
        const figure = of(decision) ?? null;
        return estimate(scale, figure === null ? null : { ...figure, confidence: 0.95, method: '' });
      }),
      ...(leaves === undefined ? {} : { leaves }),
    };
  };
  return {
    ...buildTable(
      'Every step with the numbers that made it, and their 95% intervals. Ratios are to the next smaller size far enough below.',
      [
        column('step', (decision) => String(decisions.indexOf(decision) + 1)),
        counts(
          'connections',
          decisions.map(({ cell }) => cell.size),
        ),
        counts(
          'runs',
          decisions.map(({ cell }) => cell.repeats),
          { leaves: 1 },
        ),
        figures('throughput', '1/s', ({ cell }) => cell.throughput),
        figures('hold', 'ms', ({ cell }) => cell.hold),
        figures('mean wait', 'ms', ({ cell }) => cell.wait),
        figures('have to wait', 'ratio', ({ cell }) => cell.waiting, 3),
        figures('in use', '1', ({ cell }) => cell.inUse, 5),
        column('failed', ({ cell }) => formatPercent(cell.errors)),
        figures('hold ratio', '1', ({ comparison }) => comparison?.hold, 6),
        figures('throughput ratio', '1', ({ comparison }) => comparison?.throughput, 4),
        column('decision', (decision) => ({
          text: decisionText(decision),
          tone: decision.next === null ? outcomeTone(decision) : 'normal',
        })),
        ...(article === null
          ? []
          : [
              texts(
                "article's rule",
                decisions.map(({ cell }, index) => articleText(cell.size, article[index] ?? null)),
              ),
            ]),
      ],
    ),
    brief: true,
  };
}

function decisionText({ kind, next, cell }: PoolDecision): string {
  switch (kind) {
    case 'grow':
    case 'shrink':
      return `${kind} to ${formatCount(next)}`;
    case 'stay':
      return 'stay';
    case 'stop-database-is-the-limit':
      return 'stop: the database is the limit';
    case 'inconclusive':
      return next === null ? 'inconclusive' : next === cell.size ? 'again' : `again with ${formatCount(next)}`;
    default:
      return kind satisfies never;
  }
}

function articleText(size: number, next: number | null): Cell {
  if (next === null) return { text: '–', tone: 'muted' };
  return next === size ? 'stay' : `${next > size ? 'grow' : 'shrink'} to ${formatCount(next)}`;
}

function outcome({ kind, next, recommended, cell, verdict }: PoolDecision): string {
  if (next !== null) return `The sweep is not finished: next it would measure ${formatCount(next)} connections.`;
  switch (kind) {
    case 'stop-database-is-the-limit':
      return `The database is the limit: ${formatCount(recommended)} connections carry as much as more of them, which only wait inside the database.`;
    case 'stay':
      return verdict === 'met' || recommended !== cell.size
        ? `${formatCount(recommended)} connections are the fewest that met the objective.`
        : `${formatCount(recommended)} connections are the most that are allowed, and the objective is missed with them.`;
    case 'grow':
    case 'shrink':
    case 'inconclusive':
      return 'No size can be recommended: the evidence does not tell.';
    default:
      return kind satisfies never;
  }
}

function outcomeTone({ kind, verdict, recommended, cell }: PoolDecision): Tone {
  if (kind === 'inconclusive' || kind === 'stop-database-is-the-limit') return 'warning';
  return verdict === 'met' || recommended !== cell.size ? 'good' : 'warning';
}

function howItDecides(objective: PoolObjective, { sameWithin, deadBand, step, idle, ofBest }: PoolThresholds): string {
  return `The objective is ${objectiveText(objective)}. Changes up to ${formatSetting(sameWithin, 'ratio')} are none; sizes within ${formatSetting(deadBand, 'ratio')} (or one) are the same; an open step is ${formatSetting(step, 'ratio')}; a pool that meets the objective is too large from ${formatSetting(idle, 'ratio')} idle on; of a database that is the limit the smallest size with ${formatSetting(ofBest, 'ratio')} of the best throughput is taken.`;
}

function objectiveText(objective: PoolObjective): string {
  const limit = formatSetting(objective.limit, 'ms');
  return objective.kind === 'mean-wait'
    ? `a mean wait of at most ${limit} per acquisition`
    : `at most ${formatSetting(objective.share, 'ratio')} of the acquisitions waiting longer than ${limit}`;
}
