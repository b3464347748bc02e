import test from 'ava';
import { Reasons } from '../../scenarios/reasons.ts';
import type { Scenario } from '../../model/scenario.ts';
import { type SweepOptions, sweepOptions } from './sweep-options.ts';

const target: Scenario['target'] = { launch: ['./service', '--pool={{pool}}'], settings: { pool: 8 } };
const scenario: Scenario = {
  name: 'orders',
  target,
  traffic: { requests: () => ({ path: '/' }) },
  load: { stages: [] },
};

function adaptive(queriesPerRequest: string): { readonly options: SweepOptions; readonly reasons: readonly string[] } {
  const reasons = new Reasons();
  const options = sweepOptions(
    {
      vary: ['pool=2..64'],
      repeats: 1,
      design: 'adaptive',
      verify: false,
      pool: undefined,
      waitObjective: 'mean<5ms',
      queriesPerRequest,
    },
    scenario,
    1,
    reasons,
  );
  return { options, reasons: reasons.list.map(({ where, message }) => `${where} ${message}`) };
}

test('acquisitions per request are a mean, so any number above 0', (t) => {
  t.is(adaptive('1.5').options.adaptive?.watched.perRequest, 1.5);
  t.is(adaptive('0.25').options.adaptive?.watched.perRequest, 0.25);
  t.deepEqual(adaptive('1.5').reasons, []);
  for (const wrong of ['0', '-1', 'some', ' '])
    t.deepEqual(adaptive(wrong).reasons, [`--queries-per-request "${wrong}" is not a number above 0`]);
});
