import type { Scenario } from '../../model/scenario.ts';
import { defineScenario } from '../define-scenario.ts';
import { type CatalogOptions, commonSettings } from './catalog-options.ts';
import { requests } from './group-buy-requests.ts';
import { withEnvironment } from './with-environment.ts';

/**
 * For a sign-off: all of `peak` while the payment provider takes 300 ms more for each call. Payments wait for it, and
 * nothing else may. Where plimsoll does not launch the service, its dependency has to be made slow by hand.
 */
export function slowDependency(options: CatalogOptions): Scenario {
  const { peak, hold = '1m' } = options;
  const target = withEnvironment(options.target, { DOWNSTREAM_DELAY: '300ms' });
  return defineScenario({
    name: 'slow-dependency',
    ...commonSettings({ ...options, target }),
    traffic: { requests },
    load: { arrivals: 'poisson', warmUp: '10s', stages: [{ hold: peak, for: hold, name: 'slow' }] },
    objectives: [
      'menu:p99<200ms',
      'group:p99<200ms',
      'order:p99<200ms',
      'place-order:p99<200ms',
      'join:p99<200ms',
      'pay:p99<600ms',
      'errors<0.1%',
    ],
  });
}
