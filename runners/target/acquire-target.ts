import type { Plan } from '../../model/plan.ts';
import type { World } from '../world.ts';
import { attachTarget } from './attach-target.ts';
import { launchTarget } from './launch-target.ts';
import type { Target, TargetContext } from './target.ts';

/** Launches the plan's target or attaches to it, and waits until it is ready. @throws RunFailure of phase `target` */
export async function acquireTarget(plan: Plan, world: World, context: TargetContext): Promise<Target> {
  const { target } = plan;
  switch (target.kind) {
    case 'launch':
      return launchTarget(plan, target, world, context);
    case 'attach':
      return attachTarget(plan, target, world, context);
    default:
      return target satisfies never;
  }
}
