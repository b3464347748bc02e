import type { Scenario } from '../model/scenario.ts';
import { type Misuse, MisuseError } from './misuse.ts';
import { scenarioShape } from './scenario-shape.ts';
import { shapeFaults } from './shape-faults.ts';

/**
 * The checked constructor that every scenario file calls. Looks at each value: fields, types, quantities, objectives,
 * expectations. What hangs together (columns, names, files) is looked at by `planRun`.
 * @throws MisuseError with every fault at once
 */
export function defineScenario(input: Scenario): Scenario {
  const reasons = scenarioFaults(input);
  if (reasons.length > 0) throw new MisuseError(reasons);
  return input;
}

/** Every fault of form; none where `planRun` may read it. */
export function scenarioFaults(input: unknown): readonly Misuse[] {
  return shapeFaults(scenarioShape, input);
}
