import type { Evidence, Finding } from '../../../model/finding.ts';
import { defineAnalyzer } from '../analyzer.ts';
import { makeFinding, notApplicable } from './make-finding.ts';

const text = {
  id: 'memory-limit-missing',
  title: 'The container has a memory limit that Go does not know of',
  recommendation:
    'Set GOMEMLIMIT to about 90 % of the container’s limit: nothing in Go reads the control group’s, so the heap grows until the kernel kills the process.',
};

/** Witnesses: the control group's memory limit, and GOMEMLIMIT as the target says it (or its environment). */
export const memoryLimitMissing = defineAnalyzer({
  name: 'memory-limit-missing',
  needs: ['environment'],
  wants: ['targets'],
  answer: ({ environment, targets }): readonly Finding[] => {
    const { target } = environment;
    const limit = target.memoryLimitBytes ?? targets?.flatMap((figures) => figures.memoryLimitBytes ?? [])[0] ?? null;
    if (limit === null) return [];
    const said = targets?.flatMap((figures) => figures.goMemoryLimitBytes ?? [])[0] ?? null;
    const missing = {
      source: 'environment:limits',
      statement: 'memory limit of the container',
      value: limit,
      unit: 'B',
      stage: null,
    };
    const evidence: Evidence[] = [missing];
    if (said !== null) {
      if (said <= limit) return [];
      evidence.push({
        source: 'go-runtime',
        statement: 'GOMEMLIMIT is off or above it',
        value: null,
        unit: null,
        stage: null,
      });
    } else if (target.gomemlimit === null) {
      // Not set in a known environment is not the same as unknown; without either nothing is claimed.
      if (target.command === null) return [notApplicable(text, 'GOMEMLIMIT of the target')];
      evidence.push({
        source: 'environment:go',
        statement: 'GOMEMLIMIT is not set',
        value: null,
        unit: null,
        stage: null,
      });
    } else if (target.gomemlimit !== 'off') return [];
    else
      evidence.push({ source: 'environment:go', statement: 'GOMEMLIMIT is off', value: null, unit: null, stage: null });
    return [makeFinding(text, { severity: 'warning', evidence })];
  },
});
