import type { Evidence, Finding, ObjectiveResult } from '../../../model/finding.ts';
import { objectiveText } from '../../../model/objective-text.ts';
import type { Plan } from '../../../model/plan.ts';
import { seconds } from '../../../model/units.ts';
import { generatorProcessors } from '../../traffic/stage-plan.ts';
import { defineAnalyzer } from '../analyzer.ts';
import { wasLate } from '../stage-validity.ts';
import type { ValidityReason } from '../validity-reasons.ts';
import { makeFinding } from './make-finding.ts';

const text = {
  id: 'generator-limited',
  title: 'The load generator could not keep its schedule',
  recommendation:
    'Give the generator a processor of its own (processors in the scenario), lower the rate, or run it on another machine; what it may have caused itself is not held against the service.',
};

/** A generator that used less of its processors than this was not too slow: something else ran there. */
const idle = 0.5;
const disturbed =
  'The generator itself used little of its processors: other programs on this machine kept it waiting. Run again when they are quiet, or on another machine; what it may have caused itself is not held against the service.';

const faults: readonly ValidityReason[] = [
  'schedule-not-kept',
  'requests-not-sent',
  'generator-late',
  'generator-busy',
  'generator-stalled',
  'generator-idle-connections',
];

/**
 * Stages that are invalid because of the generator, or in which its lateness left a latency objective undecided, with
 * what it measured of itself. Where it was late and everything is decided all the same, it limited nothing.
 */
export const generatorLimited = defineAnalyzer({
  name: 'generator-limited',
  needs: ['plan', 'traffic', 'validity', 'figures'],
  wants: ['objectives'],
  answer: ({ plan, traffic, validity, figures, objectives }): readonly Finding[] => {
    const limited = (stage: number): boolean => {
      if (wasLate(validity[stage])) return (objectives ?? []).some((result) => isOpenLatency(plan, result, stage));
      const { status, reasons } = validity[stage] ?? { status: 'excluded', reasons: [] };
      return status === 'invalid' && reasons.some((reason) => faults.includes(reason));
    };
    const evidence = traffic.stages.flatMap(({ index, steadyHealth }): Evidence[] => {
      if (!limited(index)) return [];
      const cpu = steadyHealth.reduce((sum, { health }) => sum + health.cpuMs, 0);
      const share = cpu / Math.max(1, seconds(steadyHealth.length)) / generatorProcessors(plan);
      return [
        {
          source: 'generator:schedule',
          statement: 'lateness of the schedule, p99',
          value: figures[index]?.stage.latenessMs['0.99'] ?? null,
          unit: 'ms',
          stage: index,
        },
        {
          source: 'generator:process',
          statement: 'share of its processors that the generator used',
          value: share,
          unit: 'ratio',
          stage: index,
        },
      ];
    });
    const busiest = Math.max(0, ...evidence.flatMap(({ unit, value }) => (unit === 'ratio' ? (value ?? 0) : [])));
    const said = busiest < idle ? { ...text, recommendation: disturbed } : text;
    // With no valid stage at all nothing else can be the first thing to look at.
    const severity = validity.some(({ status }) => status === 'valid') ? 'warning' : 'critical';
    return evidence.length === 0 ? [] : [makeFinding(said, { severity, evidence })];
  },
});

function isOpenLatency(plan: Plan, { objective, stage, status }: ObjectiveResult, at: number): boolean {
  const asked = plan.objectives.find((one) => objectiveText(one) === objective);
  const timed = asked?.kind === 'latency-quantile' || asked?.kind === 'within';
  return stage === at && status === 'inconclusive' && timed;
}
