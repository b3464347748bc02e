import type { Finding } from '../../../model/finding.ts';
import { defineAnalyzer } from '../analyzer.ts';
import { makeFinding, notApplicable } from './make-finding.ts';

const text = {
  id: 'goroutine-growth',
  title: 'Goroutines grow while the load is constant',
  recommendation:
    'Compare goroutine profiles of the start and the end of a longer run and after its cool-down; a stack whose count never falls is a leak, one that follows requests in flight is queueing.',
};

/** Growth per minute, of the number at hand, that is worth a look. */
const notable = 0.1;

/** A hint only: growth within one stage is no leak yet, so this is never more than inconclusive. */
export const goroutineGrowth = defineAnalyzer({
  name: 'goroutine-growth',
  needs: ['plan', 'validity'],
  wants: ['targets'],
  answer: ({ plan, validity, targets }): readonly Finding[] => {
    const known = (targets ?? []).flatMap(({ goroutinesPerMinute, target }, stage) =>
      goroutinesPerMinute === null || target.goroutines === null
        ? []
        : [{ stage, slope: goroutinesPerMinute, mean: target.goroutines }],
    );
    if (known.length === 0) return [notApplicable(text, 'number of goroutines over a steady window of 20 s')];
    const evidence = known
      .filter(({ stage }) => plan.loadProfile.stages[stage]?.kind === 'hold' && validity[stage]?.status === 'valid')
      .filter(({ slope, mean }) => slope > notable * mean)
      .map(({ stage, slope }) => ({
        source: 'go-runtime',
        statement: 'goroutines more per minute at constant load',
        value: slope,
        unit: '1/min',
        stage,
      }));
    return evidence.length === 0 ? [] : [makeFinding(text, { severity: 'info', evidence, warnings: ['hint-only'] })];
  },
});
