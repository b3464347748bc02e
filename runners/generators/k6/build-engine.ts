import { join } from 'node:path';
import { type BuiltProgram, cachedGoProgram } from '../../cached-go-program.ts';
import type { BuildSurroundings } from '../../go-toolchain.ts';
import { packageRoot } from '../../package-root.ts';

/**
 * Builds k6 with our executor, output and TypeScript, or finds it in the user's cache. Nothing built is ever shipped: k6
 * is AGPL-3.0, and so is the code in engine/. @throws RunFailure
 */
export async function buildEngine(
  say: (message: string) => void,
  surroundings: Omit<BuildSurroundings, 'phase'> = {},
): Promise<BuiltProgram> {
  return await cachedGoProgram(
    {
      name: 'k6-engine',
      directory: join(packageRoot(), 'runners', 'generators', 'k6', 'engine'),
      place: 'engines',
      estimate: 'the first time: 370 MB of modules, then one to three minutes',
      stripped: true,
    },
    say,
    { ...surroundings, phase: 'generator' },
  );
}
