import test from 'ava';
import { articleSteps } from '../../analysis/sizing/pool/article-rule.ts';
import { poolDecisionLog, poolThresholds } from '../../analysis/sizing/pool/next-pool-size.ts';
import { measureClosedDatabase } from '../../fixtures/closed-database.ts';
import type { PoolSweepLog } from '../../model/pool-decision.ts';
import { milliseconds, perSecond } from '../../model/units.ts';
import { toTerminal } from '../render/to-terminal.ts';
import { poolDecisionsSection } from './pool-decisions-section.ts';

const saturated = { callers: 400, think: 100, statement: 10, servers: 8, thrash: 0.01 };
const limits = { latency: milliseconds(50), throughput: perSecond(1000) };

function logOf(sizes: readonly number[]): PoolSweepLog {
  const cells = sizes.map((size) => measureClosedDatabase(size, saturated));
  const objective = { kind: 'mean-wait', limit: milliseconds(5) } as const;
  return {
    decisions: poolDecisionLog(cells, { objective, least: 1, most: 500, thresholds: poolThresholds }),
    article: articleSteps(cells, limits),
  };
}
const shown = (log: PoolSweepLog): string =>
  toTerminal(
    { title: '', subtitle: '', blocks: poolDecisionsSection(log) },
    { colour: false, width: 240, reportPath: '' },
  );

test('a saturated database: every number of a step, our stop and the growth of the other side by side', (t) => {
  const text = shown(logOf([6, 9, 14]));
  t.regex(text, /The database is the limit: 9 connections carry as much/);
  const rows = text.split('\n');
  const row = (size: number): string => rows.find((line) => new RegExp(`^\\s*\\d\\s+${size}\\s`).test(line)) ?? '';
  t.regex(row(6), /grow to 9.*grow to 7/);
  t.regex(row(9), /grow to 14.*grow to 10/);
  t.regex(row(14), /stop: the database is the limit.*grow to 16/);
  t.regex(text, /the hold time rose with the pool/);
});

test('a sweep that is not over says what it would measure; without cells there is no section', (t) => {
  const begun = logOf([6]);
  t.regex(shown(begun), /not finished: next it would measure 9 connections/);
  t.notRegex(shown({ ...begun, article: null }), /article/);
  t.deepEqual(poolDecisionsSection({ decisions: [], article: null }), []);
});
