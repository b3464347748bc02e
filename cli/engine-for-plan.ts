import { delimiter, join } from 'node:path';
import { access, constants } from 'node:fs/promises';
import type { Plan } from '../model/plan.ts';
import { autocannonEngine } from '../runners/generators/autocannon/engine.ts';
import { buildEngine } from '../runners/generators/k6/build-engine.ts';
import { k6Engine } from '../runners/generators/k6/engine.ts';
import { givenEngine } from '../runners/generators/k6/given-engine.ts';
import { stockFaults } from '../runners/generators/k6/stock/stock-engine.ts';
import type { LoadGenerator } from '../runners/generators/port.ts';
import { checkGo } from '../runners/go-toolchain.ts';
import { RunFailure, type World } from '../runners/world.ts';

/**
 * The engine that a plan names, built on first use.
 * @param k6Binary of `--k6-binary`: a k6 that somebody else built
 * @throws RunFailure where it cannot be built or is none
 */
export async function engineForPlan(
  plan: Plan,
  k6Binary: string | null,
  world: Pick<World, 'say' | 'interrupted' | 'environment'>,
): Promise<LoadGenerator> {
  const { name } = plan.engine;
  switch (name) {
    case 'autocannon':
      return autocannonEngine;
    case 'k6':
      return k6Binary === null ? await builtOrFound(plan, world) : await checked(plan, k6Binary, world);
    default:
      return name satisfies never;
  }
}

/** Without Go nothing can be built; a k6 on the PATH gives less, but more than nothing. */
async function builtOrFound(
  plan: Plan,
  world: Pick<World, 'say' | 'interrupted' | 'environment'>,
): Promise<LoadGenerator> {
  const found = await checkGo({ phase: 'generator', environment: world.environment }).then(
    () => null,
    async () => await k6OnPath(world.environment),
  );
  // Where neither is there, the build says what is missing.
  if (found === null) return k6Engine(await buildEngine(world.say, { interrupted: world.interrupted }));
  world.say(`there is no Go to build k6 with; taking ${found}`);
  return await checked(plan, found, world);
}

async function checked(plan: Plan, file: string, { say }: Pick<World, 'say'>): Promise<LoadGenerator> {
  const { engine, isStock } = await givenEngine(file);
  if (!isStock) return engine;
  const faults = stockFaults(plan);
  if (faults.length > 0)
    throw new RunFailure(
      'generator',
      `${file} is a k6 without plimsoll's additions and cannot drive this load: ${faults.join('; ')}`,
      'leave --k6-binary out, so that plimsoll builds its own (needs Go), or ask for an open load with even arrivals',
    );
  say(`${file} is a k6 without plimsoll's additions: response times from the due time and lateness will be unknown`);
  return engine;
}

async function k6OnPath(environment: World['environment']): Promise<string | null> {
  for (const folder of (environment['PATH'] ?? '').split(delimiter)) {
    const file = join(folder, 'k6');
    const isThere = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (folder !== '' && isThere) return file;
  }
  return null;
}
