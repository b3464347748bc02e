import type { Evidence, Finding } from '../../../model/finding.ts';
import { countProcessors } from '../../traffic/stage-plan.ts';
import { defineAnalyzer } from '../analyzer.ts';
import { makeFinding, notApplicable } from './make-finding.ts';

const text = {
  id: 'gomaxprocs-mismatch',
  title: 'GOMAXPROCS does not fit the processors that the service may use',
  recommendation:
    'Leave GOMAXPROCS unset on Go 1.25 or newer (it follows the CPU limit), or set it to the limit rounded up.',
};

/**
 * Witnesses: GOMAXPROCS as the target says it, and the processors it may use (CPU limit or pinned set, whichever is
 * fewer). Too many is critical where throttling is seen as well.
 */
export const gomaxprocsMismatch = defineAnalyzer({
  name: 'gomaxprocs-mismatch',
  needs: ['environment'],
  wants: ['targets'],
  answer: ({ environment, targets }): readonly Finding[] => {
    const { target } = environment;
    const said = targets?.flatMap((figures) => figures.gomaxprocs ?? [])[0] ?? null;
    const gomaxprocs = said ?? target.gomaxprocs;
    const allowed = [
      ...(target.cpuLimit === null ? [] : [Math.ceil(target.cpuLimit)]),
      ...(target.processorSet === null ? [] : [countProcessors(target.processorSet)]),
    ];
    if (gomaxprocs === null) return [notApplicable(text, 'GOMAXPROCS of the target')];
    if (allowed.length === 0) return [];
    const available = Math.min(...allowed);
    if (gomaxprocs === available) return [];
    const evidence: Evidence[] = [
      {
        source: said === null ? 'environment:go' : 'go-runtime',
        statement: 'GOMAXPROCS of the target',
        value: gomaxprocs,
        unit: '1',
        stage: null,
      },
      { source: 'environment:limits', statement: 'processors it may use', value: available, unit: '1', stage: null },
    ];
    return [makeFinding(text, { severity: gomaxprocs > available ? 'warning' : 'info', evidence })];
  },
});
