import type { Scenario } from '../../model/scenario.ts';
import { defineScenario } from '../define-scenario.ts';
import { type CatalogOptions, commonSettings } from './catalog-options.ts';
import { requests } from './group-buy-requests.ts';

/**
 * For a sign-off: what one of `instances` gets while all are there, then from one second to the next its part of what a
 * lost one leaves, which is `peak`.
 */
export function instanceLost(options: CatalogOptions & { readonly instances: number }): Scenario {
  const { peak, instances, hold = '1m' } = options;
  const shared = (peak * (instances - 1)) / instances;
  return defineScenario({
    name: 'instance-lost',
    ...commonSettings(options),
    traffic: { requests },
    load: {
      arrivals: 'poisson',
      warmUp: '10s',
      stages: [
        { hold: shared, for: hold, name: 'all there' },
        { hold: peak, for: hold, name: 'one lost' },
      ],
    },
    objectives: ['p99<200ms', 'errors<0.1%'],
  });
}
