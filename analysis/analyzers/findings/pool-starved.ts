import type { Evidence, Finding } from '../../../model/finding.ts';
import { defineAnalyzer } from '../analyzer.ts';
import { makeFinding, notApplicable } from './make-finding.ts';

const text = {
  id: 'pool-starved',
  title: 'Requests wait for a connection of a full pool',
  recommendation:
    'Enlarge the pool only while hold time stays flat and the database has spare capacity; otherwise shorten the hold time (fewer or faster statements per connection).',
};

/** Share of a pool's connections in use from which it counts as full. */
const full = 0.9;

/** Witnesses: the pool's own wait counters, and response times that grew by at least that wait. */
export const poolStarved = defineAnalyzer({
  name: 'pool-starved',
  needs: ['plan', 'figures', 'validity'],
  wants: ['targets'],
  answer: ({ plan, figures, validity, targets }): readonly Finding[] => {
    const valid = figures.filter(({ stage }) => validity[stage.index]?.status === 'valid');
    const pools = valid.flatMap(({ stage }) =>
      (targets?.[stage.index]?.target.pools ?? []).map((pool) => ({ stage, pool })),
    );
    if (pools.length === 0) {
      const measured = targets?.some(({ target }) => target.pools.length > 0) ?? false;
      return [notApplicable(text, measured ? 'a valid stage' : 'pool statistics (database/sql, pgxpool or Redis)')];
    }
    const worst = pools
      .filter(({ pool }) => (pool.waitMsPerRequest ?? 0) > plan.limits.poolWaitMs)
      .toSorted((left, right) => (right.pool.waitMsPerRequest ?? 0) - (left.pool.waitMsPerRequest ?? 0))[0];
    if (worst === undefined) return [];
    const { pool, stage } = worst;
    const wait = pool.waitMsPerRequest ?? 0;
    const evidence: Evidence[] = [
      {
        source: 'pool',
        statement: `wait for a connection of pool ${pool.name}, per request`,
        value: wait,
        unit: 'ms',
        stage: stage.index,
      },
    ];
    if (pool.inUse !== null && pool.maxOpen !== null && pool.inUse >= full * pool.maxOpen)
      evidence.push({
        source: 'pool',
        statement: `connections in use, of ${pool.maxOpen}`,
        value: pool.inUse,
        unit: '1',
        stage: stage.index,
      });
    const calm = valid.find(({ stage: other }) => other.offeredPerSecond < stage.offeredPerSecond)?.stage
      .responseTimeMs['0.9'];
    const slow = stage.responseTimeMs['0.9'];
    if (calm !== null && calm !== undefined && slow !== null && slow.estimate - calm.estimate >= wait / 2)
      evidence.push({
        source: 'client',
        statement: 'growth of the response time’s p90 since the first valid stage',
        value: slow.estimate - calm.estimate,
        unit: 'ms',
        stage: stage.index,
      });
    return [makeFinding(text, { severity: 'critical', evidence })];
  },
});
