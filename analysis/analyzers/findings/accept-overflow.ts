import type { Evidence, Finding } from '../../../model/finding.ts';
import { defineAnalyzer } from '../analyzer.ts';
import { makeFinding, notApplicable } from './make-finding.ts';

const text = {
  id: 'accept-overflow',
  title: 'The kernel dropped connections because the accept queue was full',
  recommendation:
    'Find out why the service accepts so slowly (CPU, a lock in the accept path), keep connections alive, and raise net.core.somaxconn and the listen backlog.',
};

/** Witnesses: the kernel's overflow counters of the target's network, and connections that failed at the client. */
export const acceptOverflow = defineAnalyzer({
  name: 'accept-overflow',
  needs: ['figures'],
  wants: ['targets'],
  answer: ({ figures, targets }): readonly Finding[] => {
    const known = (targets ?? []).flatMap(({ acceptOverflows }, stage) =>
      acceptOverflows === null ? [] : [{ stage, overflows: acceptOverflows }],
    );
    if (known.length === 0) return [notApplicable(text, 'TCP counters of the target’s network (sockets collector)')];
    const evidence = known
      .filter(({ overflows }) => overflows > 0)
      .flatMap(({ stage, overflows }): Evidence[] => {
        const failures = figures[stage]?.stage.failures ?? {};
        const unconnected =
          (failures['connect-timeout'] ?? 0) +
          (failures['connection-refused'] ?? 0) +
          (failures['connection-reset'] ?? 0);
        return [
          {
            source: 'sockets',
            statement: 'connections dropped at a full accept queue',
            value: overflows,
            unit: '1',
            stage,
          },
          ...(unconnected === 0
            ? []
            : [
                {
                  source: 'client',
                  statement: 'connections that failed at the client',
                  value: unconnected,
                  unit: '1',
                  stage,
                },
              ]),
        ];
      });
    return evidence.length === 0 ? [] : [makeFinding(text, { severity: 'critical', evidence })];
  },
});
