import type { Evidence, Finding } from '../../../model/finding.ts';
import { seconds } from '../../../model/units.ts';
import { generatorProcessors } from '../../traffic/stage-plan.ts';
import { defineAnalyzer } from '../analyzer.ts';
import type { ValidityReason } from '../validity-reasons.ts';
import { makeFinding } from './make-finding.ts';

const text = {
  id: 'generator-limited',
  title: 'The load generator could not keep its schedule',
  recommendation:
    'Give the generator a processor of its own (processors in the scenario), lower the rate, or run it on another machine; what it measured in these stages says nothing of the service.',
};

/** A generator that used less of its processors than this was not too slow: something else ran there. */
const idle = 0.5;
const disturbed =
  'The generator itself used little of its processors: other programs on this machine kept it waiting. Run again when they are quiet, or on another machine; what it measured in these stages says nothing of the service.';

const faults: readonly ValidityReason[] = [
  'schedule-not-kept',
  'requests-not-sent',
  'generator-late',
  'generator-busy',
  'generator-stalled',
  'generator-idle-connections',
];

/** Stages that are invalid because of the generator, with what it measured of itself. */
export const generatorLimited = defineAnalyzer({
  name: 'generator-limited',
  needs: ['plan', 'traffic', 'validity', 'figures'],
  wants: [],
  answer: ({ plan, traffic, validity, figures }): readonly Finding[] => {
    const evidence = traffic.stages.flatMap(({ index, steadyHealth }): Evidence[] => {
      const reasons = validity[index]?.status === 'invalid' ? validity[index].reasons : [];
      const own = reasons.filter((reason) => faults.includes(reason));
      if (own.length === 0) return [];
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
    return evidence.length === 0 ? [] : [makeFinding(said, { severity: 'warning', evidence })];
  },
});
