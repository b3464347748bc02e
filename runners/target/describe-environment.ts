import type { Plan } from '../../model/plan.ts';
import type { Environment } from '../../model/run-record.ts';
import { fingerprintHost } from './fingerprint-host.ts';
import { fingerprintTarget, unknownTarget } from './fingerprint-target.ts';
import type { Target } from './target.ts';

/** What the figures of a run belong to; `target` null: it never got ready. `tools` are added to Node's own version. */
export async function describeEnvironment(
  plan: Plan,
  target: Target | null,
  tools: Readonly<Record<string, string>> = {},
): Promise<Environment> {
  return {
    host: await fingerprintHost(),
    target: target === null ? unknownTarget(plan.target) : await fingerprintTarget(plan.target, target),
    tools: { node: process.version, ...tools },
  };
}
