import test from 'ava';
import * as fc from 'fast-check';
import { wilsonInterval } from '../analysis/statistics/wilson-interval.ts';
import type { Scenario } from '../model/scenario.ts';
import { planRun } from './plan-run.ts';

const messages = (change: Partial<Scenario>): readonly string[] => {
  const planned = planRun(
    {
      name: 'orders',
      target: 'http://127.0.0.1:8080',
      traffic: {
        endpoints: [
          { path: '/menu', name: 'menu', weight: 3 },
          { path: '/order', name: 'order' },
        ],
      },
      load: { stages: [{ hold: 10, for: '20s' }], warmUp: '0s' },
      ...change,
    },
    {
      requestsModule: null,
      rows: null,
      workingDirectory: '/srv',
      processors: { generator: null, target: null },
      targetIsLocal: false,
      hasVariable: () => true,
    },
  );
  if (!planned.ok) throw new Error(JSON.stringify(planned.reasons));
  return planned.plan.warnings.filter(({ code }) => code === 'objective-undecidable').map(({ message }) => message);
};

test('too few requests for a share are said before, with what it takes', (t) => {
  t.deepEqual(messages({ objectives: ['errors<0.1%'] }), [
    'errors<0.1% cannot be decided in stage 10/s: 200 requests are too few even if every one is good, it takes 3838; hold 384s or longer',
  ]);
  t.deepEqual(messages({ objectives: ['errors<5%', 'throughput>5/s', 'goroutines<100'] }), []);
  const stages = [{ stair: { from: 10, to: 1_000, step: 495 }, hold: '20s' }];
  const [stair = ''] = messages({ load: { stages }, objectives: ['p99.9<200ms'] });
  t.regex(stair, /^p99\.9<200ms cannot be decided in stages 10\/s: 160 requests|in stage 10\/s: 160 requests/);
  t.regex(stair, /it takes 3838; hold 389s or longer$/, 'the cut of the beginning is added');
  t.is(messages({ objectives: ['within(100ms)>=99%'] }).length, 1);
});

test('an endpoint has its share of the requests only; what cannot be decided at all is no matter of their number', (t) => {
  t.is(messages({ objectives: ['menu:errors<3%'] }).length, 0);
  t.is(messages({ objectives: ['order:errors<3%'] }).length, 1);
  t.deepEqual(messages({ objectives: ['errors<=0%'] }), []);
  t.deepEqual(messages({ load: { users: 3, for: '20s' }, objectives: ['errors<0.001%'] }), []);
});

test('the number it takes is the one from which the interval of the analysis can be below the limit', (t) => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 500 }), (hundredths) => {
      const percent = hundredths / 100;
      const [text = 'it takes 0;'] = messages({
        load: { stages: [{ hold: 0.1, for: '10s' }], warmUp: '0s' },
        objectives: [`errors<${percent}%`],
      });
      const takes = Number(/it takes (\d+);/.exec(text)?.[1]);
      t.true(wilsonInterval(0, takes, 1.96).high < percent / 100, `${percent}: ${takes}`);
      t.false(wilsonInterval(0, takes - 1, 1.96).high < percent / 100 - 1e-9, `${percent}: ${takes - 1}`);
    }),
    { seed: 5, numRuns: 100 },
  );
});
