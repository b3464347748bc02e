import type { TestedSetting } from '../../model/sign-off.ts';
import type { TestedRun } from './tested-run.ts';

/** A value that a variable of the environment sets as a size, a number or a time. */
const setting = /^\d+(\.\d+)?[a-zA-Z%]*$/;
const runtimeSettings = ['GOGC', 'GOMEMLIMIT', 'GOMAXPROCS'] as const;

/** What the run was started with: variables that look like settings, and those of the Go runtime. */
export function settingsOf(run: TestedRun): ReadonlyMap<string, string> {
  const { target } = run.analysis.environment;
  const launched = run.plan.target.kind === 'launch' ? Object.entries(run.plan.target.environment) : [];
  const runtime = { GOGC: target.gogc, GOMEMLIMIT: target.gomemlimit, GOMAXPROCS: target.gomaxprocs };
  return new Map([
    ...runtimeSettings.flatMap((name) => (runtime[name] === null ? [] : [[name, String(runtime[name])] as const])),
    ...launched.filter(([, value]) => setting.test(value)),
  ]);
}

export interface SettingsAnswer {
  readonly settings: readonly TestedSetting[];
  /** What was not tested, in sentences. */
  readonly untested: readonly string[];
}

/**
 * The settings that are recommended, each with the run that tested exactly it. Without a recommendation they are those of
 * the run that gave the safe rate. That run must have had all of them, and the other tests the same.
 */
export function testedSettings(
  recommended: ReadonlyMap<string, string>,
  certifying: TestedRun | null,
  tests: readonly TestedRun[],
): SettingsAnswer {
  const measured = certifying === null ? new Map<string, string>() : settingsOf(certifying);
  const wanted = recommended.size > 0 ? recommended : measured;
  const untested: string[] = [];
  const settings = [...wanted].map(([name, value]): TestedSetting => {
    const was = measured.get(name);
    if (was !== value) untested.push(notRun(name, value, certifying, was));
    for (const test of tests) {
      const there = settingsOf(test).get(name);
      if (test.id !== certifying?.id && there !== value) untested.push(notRun(name, value, test, there));
    }
    return { name, value, testedBy: was === value ? (certifying?.id ?? null) : null };
  });
  return { settings, untested };
}

function notRun(name: string, value: string, run: TestedRun | null, was: string | undefined): string {
  if (run === null) return `${name}=${value}: no run gave a safe rate`;
  return `${name}=${value}: run ${run.id} had ${was === undefined ? 'none' : was}`;
}
