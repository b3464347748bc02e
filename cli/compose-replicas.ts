import type { Block, Document } from '../reports/document.ts';
import { formatPercent, formatSetting } from '../reports/format-quantity.ts';
import type { ReplicasFigures } from './replicas-figures.ts';

const left = { title: '', align: 'left' } as const;

/** Replicas for a terminal: the same figures as its JSON. */
export function composeReplicas(figures: ReplicasFigures): Document {
  const { replicas, perZone, capacity, utilization, database } = figures;
  return {
    title: replicas === null ? 'Replicas: not known' : `Replicas: ${replicas}`,
    subtitle:
      capacity.perSecond === null
        ? capacity.source
        : `capacity ${formatSetting(capacity.perSecond, '1/s')} (${capacity.source}${capacity.note === null ? '' : `: ${capacity.note}`})`,
    blocks: [
      ...figures.arithmetic.map((text): Block => ({ kind: 'text', brief: true, text })),
      ...(utilization === null
        ? []
        : [
            {
              kind: 'table',
              caption: 'At the peak',
              brief: true,
              columns: [left, left],
              rows: [
                ['instances per zone', String(perZone)],
                ['load of the busiest, all there', formatPercent(utilization.allThere)],
                ['load of the busiest, zones and updates missing', formatPercent(utilization.someMissing)],
                ...(database?.needed == null ? [] : [['database connections', String(database.needed)]]),
                ...(database?.largestPool == null ? [] : [['largest pool per instance', String(database.largestPool)]]),
              ],
            } as const,
          ]),
      ...figures.warnings.map(({ message }): Block => ({ kind: 'text', text: message, tone: 'warning', brief: true })),
    ],
  };
}
