import type { Warning } from '../analysis.ts';
import { defineAnalyzer } from './analyzer.ts';
import { warn } from './warn.ts';

/** All doubts about the figures of a run, in the order of their origin: plan, traffic, stages, target. */
export const collectWarnings = defineAnalyzer({
  name: 'warnings',
  needs: ['plan'],
  wants: ['traffic', 'figures', 'targets'],
  answer: ({ plan, traffic, figures, targets }): readonly Warning[] => [
    ...plan.warnings.map(({ code, message }) => ({ code, message, stage: null })),
    ...trafficWarnings(traffic),
    ...(figures ?? []).flatMap(({ warnings }) => warnings),
    ...(targets ?? []).flatMap(({ warnings }) => warnings),
  ],
});

function trafficWarnings(traffic: { readonly unreadable: number; readonly untimed: number } | null): Warning[] {
  if (traffic === null)
    return [warn('traffic-missing', 'the generator measured nothing; there are no figures of load')];
  const { unreadable, untimed } = traffic;
  return [
    ...(unreadable === 0
      ? []
      : [
          warn(
            'histogram-unreadable',
            `${unreadable} histograms could not be read; their requests are counted but not timed`,
          ),
        ]),
    ...(untimed === 0
      ? []
      : [warn('requests-untimed', `${untimed} done requests have no response time; quantiles are of the others`)]),
  ];
}
