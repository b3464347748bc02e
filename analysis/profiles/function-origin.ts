import type { FunctionOrigin } from '../analysis.ts';
import { codeOrigin } from './code-origin.ts';

/**
 * Whose a function is, Go's runtime apart from its standard library: what the runtime does is the doing of who allocates,
 * blocks and starts goroutines.
 *
 * @param modulePath of the target; null where it is not known
 */
export function functionOrigin(name: string, modulePath: string | null): FunctionOrigin {
  const origin = codeOrigin(name, modulePath);
  return origin === 'standard' && ofRuntime.test(name) ? 'runtime' : origin;
}

/** Assembly without a package and what stands for a file without symbols are of the runtime too. */
const ofRuntime = /^(?:internal\/)?runtime[./]|^[^./]*$|^[[<]/;
