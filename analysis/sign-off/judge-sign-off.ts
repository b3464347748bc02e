import type { RunSummary, SignOff } from '../../model/sign-off.ts';
import { applyWaivers } from './apply-waivers.ts';
import { judgeByPolicy } from './judge-by-policy.ts';
import { headroomRows } from './headroom.ts';
import { type EnvironmentFields, sharedEnvironment } from './run-environment.ts';
import { loadLevels, safeRate } from './safe-rate.ts';
import type { SignOffAsked } from './sign-off-asked.ts';
import { type SignOffFacts, conclusionLines, groundLines } from './sign-off-lines.ts';
import { testLines } from './test-lines.ts';
import { type TestedRun, testOf } from './tested-run.ts';
import { testedSettings } from './tested-settings.ts';
import { testResultOf, verdictOf } from './verdict-of-checklist.ts';

/** What follows from runs and request; what is made of files and hashes is added by who writes the sign-off. */
export type JudgedSignOff = Omit<
  SignOff,
  'configuration' | 'service' | 'plimsollVersion' | 'validity' | 'artifacts' | 'environment'
> & { readonly environment: EnvironmentFields };

/** Judges the evidence: the checklist first, everything else is what its lines speak of. Pure. */
export function judgeSignOff(given: readonly TestedRun[], asked: SignOffAsked): JudgedSignOff {
  const runs = given.toSorted((one, other) => one.startedAt - other.startedAt);
  const tests = runs.filter((run) => testOf(run) !== null);
  const environment = sharedEnvironment(runs);
  const safe = safeRate(runs);
  const certifying = runs.find(({ id }) => id === safe?.run) ?? null;
  const settings = testedSettings(asked.recommended, certifying, tests);
  const headroom = headroomRows(asked.trafficTarget.ratePerSecond, asked.instances, safe);
  const policy = asked.policy === null ? null : judgeByPolicy(asked.policy.rules, runs, asked.now);
  const waivers = [...asked.waivers, ...(policy?.waivers ?? [])];
  const facts: SignOffFacts = { runs, asked, environment, safe, headroom, settings, policy };
  const lines = [...groundLines(facts), ...testLines(runs, asked), ...conclusionLines(facts)];
  const checklist = applyWaivers(lines, waivers, asked.now);
  return {
    ...testResultOf(checklist),
    verdict: verdictOf(checklist),
    policy: asked.policy === null ? null : { name: asked.policy.name, sha256: asked.policy.sha256 },
    trafficTarget: asked.trafficTarget,
    instances: asked.instances,
    environment: environment.fields,
    runs: runs.map(summary),
    safeRatePerInstance: safe,
    levels: safe === null ? null : loadLevels(safe),
    headroom,
    settings: settings.settings,
    openRegressions: asked.regressions.open,
    waivers,
    approvers: asked.approvers,
    checklist,
  };
}

function summary(run: TestedRun): RunSummary {
  const { id, plan, startedAt, search, analysis, folder } = run;
  return {
    id,
    kind: search === null ? 'run' : 'search',
    name: plan.name,
    test: testOf(run),
    startedAt: new Date(startedAt).toISOString(),
    outcome: analysis.outcome.status,
    verdict: analysis.verdict.status,
    folder,
  };
}
