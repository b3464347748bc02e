import type { Plan } from '../model/plan.ts';
import { autocannonEngine } from '../runners/generators/autocannon/engine.ts';
import { buildEngine } from '../runners/generators/k6/build-engine.ts';
import { k6Engine } from '../runners/generators/k6/engine.ts';
import { givenEngine } from '../runners/generators/k6/given-engine.ts';
import type { LoadGenerator } from '../runners/generators/port.ts';
import type { World } from '../runners/world.ts';

/**
 * The engine that a plan names, built on first use.
 * @param k6Binary of `--k6-binary`: a k6 that somebody else built
 * @throws RunFailure where it cannot be built or is none
 */
export async function engineForPlan(
  { engine }: Plan,
  k6Binary: string | null,
  world: Pick<World, 'say' | 'interrupted'>,
): Promise<LoadGenerator> {
  switch (engine.name) {
    case 'autocannon':
      return autocannonEngine;
    case 'k6':
      return k6Engine(
        k6Binary === null
          ? await buildEngine(world.say, { interrupted: world.interrupted })
          : await givenEngine(k6Binary),
      );
    default:
      return engine.name satisfies never;
  }
}
