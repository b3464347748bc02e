import type { TargetInput } from '../../model/scenario.ts';

/** A target that plimsoll launches, with these variables beside its own; one that is only attached to stays as it is. */
export function withEnvironment(target: TargetInput, more: Readonly<Record<string, string>>): TargetInput {
  if (typeof target === 'string' || !('launch' in target)) return target;
  return { ...target, environment: { ...target.environment, ...more } };
}
