import type { Verdict } from '../../model/finding.ts';
import { defineAnalyzer } from './analyzer.ts';

/**
 * The run's answer to "are the objectives met?": fail where a valid stage missed one, pass where all were met on every
 * hold stage and every hold stage is valid, inconclusive otherwise. A run that did not end as planned never passes.
 */
export const verdict = defineAnalyzer({
  name: 'verdict',
  needs: ['plan', 'outcome'],
  wants: ['validity', 'objectives'],
  answer: ({ plan, outcome, validity, objectives }): Verdict => {
    const results = objectives ?? [];
    const failed = results.filter(({ status }) => status === 'fail');
    const doubts: string[] = [];
    if (outcome.status !== 'completed') doubts.push(`run ${outcome.status}: ${outcome.reason}`);
    if (plan.objectives.length === 0) doubts.push('no objectives');
    else {
      for (const [index, stage] of plan.loadProfile.stages.entries()) {
        if (stage.kind !== 'hold') continue;
        const seen = validity?.[index];
        if (seen === undefined) doubts.push(`stage ${index} has no measurement`);
        else if (seen.status !== 'valid') doubts.push(`stage ${index} is ${seen.status}: ${seen.reasons.join(', ')}`);
      }
      if (!plan.loadProfile.stages.some(({ kind }) => kind === 'hold')) doubts.push('no hold stage was planned');
      for (const { objective, stage, status, reason } of results)
        if (status === 'inconclusive') doubts.push(`${objective} at stage ${stage}: ${reason ?? 'undecided'}`);
    }
    return {
      status: failed.length > 0 ? 'fail' : doubts.length > 0 ? 'inconclusive' : 'pass',
      reasons: [
        ...failed.map(
          ({ objective, stage, reason }) =>
            `${objective} missed at stage ${stage}${reason === null ? '' : `: ${reason}`}`,
        ),
        ...doubts,
      ],
      objectives: results,
    };
  },
});
