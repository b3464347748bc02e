import type { Plan } from '../../model/plan.ts';
import type { TargetAnalysis, Warning } from '../analysis.ts';
import type { DecodedScrapes } from '../metrics/decode-scrapes.ts';
import type { Restarts } from '../metrics/restarts.ts';
import { defineAnalyzer } from './analyzer.ts';
import type { TargetFigures } from './target-figures.ts';
import { warn } from './warn.ts';

/** All doubts about the figures of a run, in the order of their origin: plan, traffic, stages, target. */
export const collectWarnings = defineAnalyzer({
  name: 'warnings',
  needs: ['plan'],
  wants: ['traffic', 'figures', 'targets', 'scrapes', 'restarts', 'serverSide'],
  answer: ({ plan, traffic, figures, targets, scrapes, restarts, serverSide }): readonly Warning[] => [
    ...plan.warnings.map(({ code, message }) => ({ code, message, stage: null })),
    ...trafficWarnings(traffic),
    ...(figures ?? []).flatMap(({ warnings }) => warnings),
    ...targetWarnings(plan, targets, scrapes, restarts),
    ...(serverSide?.warnings ?? []),
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

function targetWarnings(
  plan: Plan,
  targets: readonly TargetFigures[] | null,
  scrapes: DecodedScrapes | null,
  restarts: Restarts | null,
): Warning[] {
  const warnings = (scrapes?.sources ?? []).flatMap(
    ({ collector, source, unreadable, firstUnreadable, malformedLines, firstMalformed }) => [
      ...(unreadable === 0
        ? []
        : [
            warn(
              'scrape-undecodable',
              `${collector} ${source}: ${unreadable} readings, the first: ${firstUnreadable ?? ''}`,
            ),
          ]),
      ...(malformedLines === 0
        ? []
        : [
            warn(
              'scrape-undecodable',
              `${collector} ${source}: ${malformedLines} lines, the first: ${firstMalformed ?? ''}`,
            ),
          ]),
    ],
  );
  if (restarts?.severalInstances === true)
    return [
      ...warnings,
      warn('several-instances', 'several processes answer in turn, such as behind a balancer; measure one of them'),
    ];
  if ((scrapes?.sources ?? []).length === 0)
    return [...warnings, warn('target-not-measured', 'nothing was collected of the target: its figures are null')];
  return [
    ...warnings,
    ...(targets ?? []).flatMap((figures) => figures.warnings),
    ...missingSignals(plan, targets ?? []),
  ];
}

/** Figures that are null: once for the run where no stage has them, else for the hold stages that lack them. */
function missingSignals(plan: Plan, targets: readonly TargetFigures[]): Warning[] {
  const known = new Set(
    targets.flatMap(({ target }) =>
      figureNames(target)
        .filter(({ missing }) => !missing)
        .map(({ name }) => name),
    ),
  );
  const never = [...new Set(targets.flatMap(({ target }) => figureNames(target).map(({ name }) => name)))].filter(
    (name) => !known.has(name),
  );
  const everywhere = never.length === 0 ? [] : [warn('signal-missing', `not collected: ${never.join(', ')}`)];
  const here = targets.flatMap(({ target }, stage) => {
    const lacking = figureNames(target).filter(({ name, missing }) => missing && known.has(name));
    return lacking.length === 0 || plan.loadProfile.stages[stage]?.kind !== 'hold'
      ? []
      : [warn('signal-missing', `not enough readings: ${lacking.map(({ name }) => name).join(', ')}`, stage)];
  });
  return [...everywhere, ...here, ...unknownHoldTimes(targets)];
}

function figureNames(target: TargetAnalysis): { readonly name: string; readonly missing: boolean }[] {
  return Object.entries(target)
    .filter(([name]) => name !== 'pools')
    .map(([name, value]: [string, unknown]) => ({
      name,
      missing: value === null || (typeof value === 'object' && Object.values(value).every((part) => part === null)),
    }));
}

function unknownHoldTimes(targets: readonly TargetFigures[]): Warning[] {
  const pools = targets.flatMap(({ target }) => target.pools);
  const unknown = [...new Set(pools.map(({ name }) => name))].filter((name) =>
    pools.every((pool) => pool.name !== name || pool.holdMs === null),
  );
  return unknown.map((name) =>
    warn(
      'hold-time-unknown',
      `pool ${name}: how often connections are acquired is not exported, so neither is how long they are held`,
    ),
  );
}
