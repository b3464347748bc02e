import type { Scenario } from '../../model/scenario.ts';
import { requests } from './group-buy-requests.ts';

/**
 * What `plimsoll demo` runs: the group-buy service with a pool that is too small on purpose (four connections, each held
 * 4 ms by three of five requests), so that every machine finds the same limit, and a stair that goes past it.
 */
export default {
  name: 'demo',
  // The demo launches the service itself and puts its own target in place.
  target: 'http://127.0.0.1:8080',
  traffic: { requests },
  load: { arrivals: 'poisson', warmUp: '8s', stages: [{ stair: { from: 300, to: 2100, step: 300 }, hold: '17s' }] },
  objectives: ['p99<100ms', 'errors<1%'],
  collect: { metrics: '/metrics', pprof: '/debug/pprof', profiles: 'full' },
  timeout: '5s',
  connections: 256,
  abort: { errors: '90%' },
} satisfies Scenario;

/** `--short`: the same path in a minute. */
export const shortLoad: Scenario['load'] = {
  arrivals: 'poisson',
  warmUp: '3s',
  stages: [{ stair: { from: 500, to: 2000, step: 500 }, hold: '7s' }],
};
