import type { ProcessorPlan } from '../model/plan.ts';
import type { Scenario } from '../model/scenario.ts';
import { processorSetsHere } from '../runners/target/processor-sets.ts';
import type { LoadedScenario } from '../scenarios/load-scenario-file.ts';
import { type Planned, planRun } from '../scenarios/plan-run.ts';

/** What a plan takes from where its scenario was read, besides the scenario itself. */
export type ScenarioSurroundings = Pick<LoadedScenario, 'requestsModule' | 'rows' | 'folder'> & {
  /** Values of `env:NAME` references that are in no environment variable. */
  readonly secrets: Readonly<Record<string, string>>;
};

/**
 * `planRun` with what it has to be told of this machine: its processors, its variables, whether it runs the target.
 *
 * @param processors where they were asked for before
 */
export async function planOnThisMachine(
  scenario: Scenario,
  surroundings: ScenarioSurroundings,
  processors?: ProcessorPlan,
): Promise<Planned> {
  const { requestsModule, rows, folder, secrets } = surroundings;
  const targetIsLocal = isLocal(scenario);
  return planRun(scenario, {
    requestsModule,
    rows,
    workingDirectory: folder,
    processors: processors ?? (await processorSetsHere(targetIsLocal)),
    targetIsLocal,
    hasVariable: (name) => secrets[name] !== undefined || (process.env[name] ?? '') !== '',
  });
}

/** A launched target runs here, and so does one on a loopback address. */
function isLocal({ target }: Scenario): boolean {
  if (process.platform !== 'linux') return false;
  if (typeof target === 'object' && 'launch' in target) return true;
  const url = typeof target === 'string' ? target : target.url;
  return URL.canParse(url) && /^(localhost|127(\.\d+){3}|\[::1\])$/.test(new URL(url).hostname);
}
