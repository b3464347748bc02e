import type { Finding } from '../../../model/finding.ts';
import { defineAnalyzer } from '../analyzer.ts';
import { fixedLimits } from '../limiter-readings.ts';
import { makeFinding } from './make-finding.ts';

const text = {
  id: 'shedding',
  title: 'The service sheds load (429 or 503, or what gRPC has for them)',
  recommendation:
    'Decide whether this is the admission limit you want; if so, state it as an objective (shed<…), else raise the limit or add capacity before this rate.',
};

/** The client counted the answers themselves, which is enough; a lower load that was not shed says that load is why. */
export const shedding = defineAnalyzer({
  name: 'shedding',
  needs: ['figures', 'validity'],
  wants: [],
  answer: ({ figures, validity }): readonly Finding[] => {
    const shares = figures
      .filter(({ stage }) => stage.kind !== 'warm-up' && stage.due > 0 && validity[stage.index]?.status === 'valid')
      .map(({ stage }) => ({ stage, share: stage.shed / stage.due }));
    const worst = shares.toSorted((left, right) => right.share - left.share)[0];
    if (worst === undefined || worst.share <= fixedLimits.shed) return [];
    const calm = shares.find(
      ({ stage, share }) => share <= fixedLimits.shed && stage.offeredPerSecond < worst.stage.offeredPerSecond,
    );
    return [
      makeFinding(text, {
        severity: 'warning',
        counted: true,
        evidence: [
          {
            source: 'client',
            statement: 'share of due requests answered with 429 or 503, or what gRPC has for them',
            value: worst.share,
            unit: 'ratio',
            stage: worst.stage.index,
          },
          ...(calm === undefined
            ? []
            : [
                {
                  source: 'client:load',
                  statement: 'a lower load was not shed',
                  value: calm.share,
                  unit: 'ratio',
                  stage: calm.stage.index,
                },
              ]),
        ],
      }),
    ];
  },
});
