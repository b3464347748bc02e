import { settingsText } from './same-settings.ts';
import type { Factor, SweepWarning } from '../../model/sweep-figures.ts';
import type { SweepRun } from './sweep-run.ts';

/** Where cells differ by more than their settings, or a setting did not reach the process. */
export function environmentWarnings(runs: readonly SweepRun[], factors: readonly Factor[]): readonly SweepWarning[] {
  const names = [...new Set(runs.flatMap(({ environment }) => Object.keys(environment)))];
  return [
    ...names
      .filter((name) => !factors.some((factor) => factor.name === name))
      .flatMap((name) => differences(name, runs)),
    ...factors.filter(({ kind }) => kind === 'environment').flatMap(({ name }) => withoutEffect(name, runs)),
  ];
}

/** What is not known of some runs (a target that never got ready) says nothing. */
function differences(name: string, runs: readonly SweepRun[]): readonly SweepWarning[] {
  const seen = new Map<string, SweepRun[]>();
  for (const run of runs) {
    const value = run.environment[name] ?? null;
    if (value !== null) seen.set(value, [...(seen.get(value) ?? []), run]);
  }
  if (seen.size < 2) return [];
  const said = [...seen].map(([value, of]) => `${value} in ${of.length} ${of.length === 1 ? 'run' : 'runs'}`);
  return [{ code: 'environments-differ', message: `${name} is not the same in all runs: ${said.join(', ')}` }];
}

/** The environment of the process says what it was really given. */
function withoutEffect(name: string, runs: readonly SweepRun[]): readonly SweepWarning[] {
  const wrong = runs.find((run) => {
    const given = run.environment[name] ?? null;
    return given !== null && given !== run.settings[name];
  });
  if (wrong === undefined) return [];
  const message = `${settingsText(wrong.settings)}: the process behind the service has ${name}=${wrong.environment[name] ?? ''}, so the setting did not reach it`;
  return [{ code: 'setting-without-effect', message }];
}
