import type { Scenario } from '../../model/scenario.ts';
import { requests } from './group-buy-requests.ts';

/**
 * What `plimsoll demo` runs: the group-buy service with a pool that is too small on purpose (eight connections, each held
 * 12 ms by three of five requests: 8 / (12 ms · 0.6), some 1,050/s), so that every machine finds about the same limit, and a
 * stair that goes past it.
 */
export default {
  name: 'demo',
  // The demo launches the service itself and puts its own target in place.
  target: 'http://127.0.0.1:8080',
  traffic: { requests },
  load: { arrivals: 'poisson', warmUp: '8s', stages: [{ stair: { from: 200, to: 1400, step: 200 }, hold: '17s' }] },
  objectives: ['p99<200ms', 'errors<1%'],
  collect: { metrics: '/metrics', pprof: '/debug/pprof', profiles: 'full' },
  timeout: '5s',
  connections: 256,
  abort: { errors: '90%' },
} satisfies Scenario;

/** `--short`: the same path in a minute. */
export const shortLoad: Scenario['load'] = {
  arrivals: 'poisson',
  warmUp: '3s',
  stages: [{ stair: { from: 400, to: 1300, step: 300 }, hold: '7s' }],
};
