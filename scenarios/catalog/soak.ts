import type { Scenario } from '../../model/scenario.ts';
import { defineScenario } from '../define-scenario.ts';
import { type CatalogOptions, commonSettings } from './catalog-options.ts';
import { requests } from './group-buy-requests.ts';

/** One constant rate for long, at 70 % of `peak`: what grows at constant load (heap, goroutines, files) is a leak. */
export function soak(options: CatalogOptions): Scenario {
  return defineScenario({
    name: 'soak',
    ...commonSettings(options),
    traffic: { requests },
    load: {
      arrivals: 'poisson',
      warmUp: '30s',
      stages: [{ hold: (options.peak * 7) / 10, for: options.hold ?? '30m', name: 'soak' }],
    },
    objectives: ['p99<200ms', 'errors<0.1%'],
  });
}
