import type { Scenario } from '../../model/scenario.ts';
import { defineScenario } from '../define-scenario.ts';
import { type CatalogOptions, commonSettings } from './catalog-options.ts';
import { requests } from './group-buy-requests.ts';

/** A stair of ten levels up to `peak`, meant to go past the limit: the highest level that held is the water-level. */
export function waterLevel(options: CatalogOptions): Scenario {
  const { peak, hold = '20s' } = options;
  return defineScenario({
    name: 'water-level',
    ...commonSettings(options),
    traffic: { requests },
    load: { arrivals: 'poisson', stages: [{ stair: { from: peak / 10, to: peak, step: peak / 10 }, hold }] },
    objectives: ['p99<200ms', 'errors<0.1%'],
    // Levels above the water-level are meant to fail; only a service that is gone ends the run.
    abort: { errors: '90%' },
  });
}
