import type { EngineName } from '../model/plan.ts';
import type { Scenario } from '../model/scenario.ts';
import type { Reasons } from './reasons.ts';

/** Which engine drives the load, and why: the cheaper one unless the workload needs what only k6 can do. */
export function planEngine(scenario: Scenario, reasons: Reasons): { name: EngineName; reason: string } {
  const { target, engine = 'auto' } = scenario;
  const url = typeof target === 'string' ? target : (target.url ?? '');
  const needsGrpc = 'grpc' in scenario.traffic;
  const needsTls = url.startsWith('https:') || scenario.tls !== undefined;
  if (engine === 'autocannon' && needsTls)
    reasons.add(
      'engine',
      'autocannon cannot verify certificates, so it is not used for https',
      'leave the engine out, or take k6',
    );
  if (engine === 'autocannon' && 'k6Script' in scenario.traffic)
    reasons.add('engine', 'autocannon cannot run a k6 script', 'leave the engine out, or take k6');
  if (engine === 'autocannon' && needsGrpc)
    reasons.add('engine', 'autocannon speaks HTTP/1.1 and no gRPC', 'leave the engine out, or take k6');
  if (engine !== 'auto') return { name: engine, reason: 'as asked for' };
  if ('k6Script' in scenario.traffic)
    return { name: 'k6', reason: `${scenario.traffic.k6Script} is a k6 script, which only k6 runs` };
  if (needsGrpc) return { name: 'k6', reason: 'gRPC: autocannon speaks HTTP/1.1 only' };
  return needsTls
    ? { name: 'k6', reason: 'https: autocannon cannot verify certificates' }
    : { name: 'autocannon', reason: 'plain HTTP/1.1: the cheaper engine is enough' };
}
