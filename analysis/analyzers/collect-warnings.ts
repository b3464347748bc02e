import type { Plan } from '../../model/plan.ts';
import type { TargetAnalysis, Warning } from '../analysis.ts';
import type { DecodedTraffic } from '../traffic/decode-traffic.ts';
import type { DecodedScrapes } from '../metrics/decode-scrapes.ts';
import type { Restarts } from '../metrics/restarts.ts';
import { percentText } from '../percent-text.ts';
import { defineAnalyzer } from './analyzer.ts';
import { type BusyHost, busyBeforeLoad } from './busy-host.ts';
import type { StageFigures } from './stage-figures.ts';
import { wasLate } from './stage-validity.ts';
import { targetFigureWords } from './target-figure-words.ts';
import type { TargetFigures } from './target-figures.ts';
import { warn } from './warn.ts';

/** All doubts about the figures of a run, in the order of their origin: plan, traffic, stages, target. */
export const collectWarnings = defineAnalyzer({
  name: 'warnings',
  needs: ['plan'],
  wants: ['traffic', 'validity', 'figures', 'targets', 'scrapes', 'restarts', 'serverSide'],
  answer: ({ plan, traffic, validity, figures, targets, scrapes, restarts, serverSide }): readonly Warning[] => [
    ...plan.warnings.map(({ code, message }) => ({ code, message, stage: null })),
    ...trafficWarnings(traffic),
    ...(figures ?? []).flatMap(({ warnings }) => warnings),
    ...(figures ?? []).filter(({ stage }) => wasLate(validity?.[stage.index])).map(lateWarning),
    ...targetWarnings(plan, targets, scrapes, restarts),
    ...[busyBeforeLoad(plan, targets ?? [], validity ?? [])].flatMap((busy) => (busy === null ? [] : [busyHost(busy)])),
    ...(serverSide?.warnings ?? []),
  ],
});

function trafficWarnings(traffic: DecodedTraffic | null): Warning[] {
  if (traffic === null)
    return [warn('traffic-missing', 'the generator measured nothing; there are no figures of load')];
  const { unreadable, untimed, measurement } = traffic;
  const isLatenessUnknown =
    measurement.counts.some(({ due }) => due > 0) && measurement.health.every(({ lateness }) => lateness === null);
  return [
    ...(isLatenessUnknown
      ? [
          warn(
            'lateness-unknown',
            `the load generator (${measurement.engine.name} ${measurement.engine.version}, ${measurement.engine.build ?? 'of unknown build'}) does not say when requests were due, nor how late it was: what its own delays added is not known`,
          ),
        ]
      : []),
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

function lateWarning({ stage }: StageFigures): Warning {
  const lateness = stage.latenessMs['0.99'];
  const much = lateness === null ? '' : ` (p99 of its lateness: ${Number(lateness.toPrecision(3))} ms)`;
  return warn(
    'generator-late',
    `the generator was late${much}: response times hold that, and objectives are undecided where it may be why they are missed`,
    stage.index,
  );
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
  return [...everywhere, ...here, ...unknownHoldTimes(targets), ...hiddenSessions(targets)];
}

function figureNames(target: TargetAnalysis): { readonly name: string; readonly missing: boolean }[] {
  const figures: Readonly<Record<string, unknown>> = { ...target };
  return Object.entries(targetFigureWords).map(([key, name]) => {
    const value = figures[key] ?? null;
    const parts: readonly unknown[] = value !== null && typeof value === 'object' ? Object.values(value) : [value];
    return { name, missing: parts.every((part) => part === null) };
  });
}

function hiddenSessions(targets: readonly TargetFigures[]): Warning[] {
  const most = Math.max(0, ...targets.map(({ target }) => target.database?.hiddenSessions ?? 0));
  return most === 0
    ? []
    : [
        warn(
          'database-partly-hidden',
          `up to ${most.toFixed(1)} sessions of the database, in the mean of a stage, are those of other roles: grant pg_monitor to see them`,
        ),
      ];
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

function busyHost({ stage, share, own }: BusyHost): Warning {
  const ofIt = own === null ? '' : `, ${percentText(own)} by it`;
  return warn(
    'host-busy',
    `at the lowest load already ${percentText(share)} of the processors that the target may use were busy${ofIt}: other programs (a database beside it, other work) slow it down, and a quiet machine would give other figures`,
    stage,
  );
}
