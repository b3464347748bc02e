import type { Scenario } from '../../model/scenario.ts';
import { defineScenario } from '../define-scenario.ts';
import { type CatalogOptions, commonSettings } from './catalog-options.ts';
import { requests } from './group-buy-requests.ts';

/** For a sign-off: all of `peak` for long. A soak looks for leaks with room to spare; this one has none. */
export function peakSoak(options: CatalogOptions): Scenario {
  return defineScenario({
    name: 'peak-soak',
    ...commonSettings(options),
    traffic: { requests },
    load: {
      arrivals: 'poisson',
      warmUp: '30s',
      stages: [{ hold: options.peak, for: options.hold ?? '30m', name: 'peak' }],
    },
    objectives: ['p99<200ms', 'errors<0.1%'],
  });
}
