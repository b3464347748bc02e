import test from 'ava';
import { buildRunRecord } from '../../fixtures/records/build-run-record.ts';
import type { Plan } from '../../model/plan.ts';
import { parseObjective } from '../../scenarios/parse-objective.ts';
import { Reasons } from '../../scenarios/reasons.ts';
import { refuseForSearch } from './search-options.ts';

const { plan } = buildRunRecord({ stages: [{ rate: 100, seconds: 30 }] });

const script: Plan['traffic'] = {
  kind: 'k6-script',
  file: 'script-0123456789abcdef.mjs',
  hash: '0123456789abcdef',
  endpoints: ['visit'],
  folder: '/somewhere',
  environment: {},
};

function refused(traffic: Plan['traffic'], ...objectives: readonly string[]): readonly string[] {
  const reasons = new Reasons();
  refuseForSearch({ ...plan, traffic, objectives: objectives.map(parseObjective) }, reasons);
  return reasons.list.map(({ message }) => message);
}

test('a step of a script is no share of what came due, its iterations are', (t) => {
  t.deepEqual(refused(script, 'p99<200ms', 'visit:p99<200ms'), []);
  t.deepEqual(refused(script, 'p99<200ms', 'pay:p99<20ms'), [
    '"pay" is a step of a script, and a search decides by whole iterations',
  ]);
  t.deepEqual(refused(plan.traffic, 'pay:p99<20ms'), [], 'elsewhere it is an endpoint');
});

test('what is no share of the requests is refused, and so is a search for nothing', (t) => {
  t.deepEqual(refused(plan.traffic, 'rss<1GiB'), ['rss is no share of the requests, by which a search decides']);
  t.deepEqual(refused(plan.traffic), ['without objectives there is nothing to search for']);
});
