import type { CheckId, CheckStatus, HeadroomRow, SafeRate, SignOffCheck } from '../../model/sign-off.ts';
import { rateText } from '../../model/rate-text.ts';
import { between } from '../../model/units.ts';
import { builtFrom } from './built-from.ts';
import { waiverText } from './apply-waivers.ts';
import type { PolicyAnswer } from './judge-by-policy.ts';
import type { SharedEnvironment } from './run-environment.ts';
import type { SignOffAsked } from './sign-off-asked.ts';
import type { SettingsAnswer } from './tested-settings.ts';
import { type TestedRun, testOf, unfinished } from './tested-run.ts';

type Answer = readonly [status: CheckStatus, evidence: string];

/** Everything that the lines beside the tests are decided by. */
export interface SignOffFacts {
  readonly runs: readonly TestedRun[];
  readonly asked: SignOffAsked;
  readonly environment: SharedEnvironment;
  readonly safe: SafeRate | null;
  readonly headroom: readonly HeadroomRow[];
  readonly settings: SettingsAnswer;
  /** Null: there is no policy. */
  readonly policy: PolicyAnswer | null;
}

const line = (
  id: CheckId,
  trigger: string,
  method: string,
  [status, evidence]: Answer,
  runs: readonly string[] = [],
): SignOffCheck => ({ id, trigger, method, status, evidence, runs, waiver: null });

/** The lines before those of the tests: what was tested, and whether it is evidence at all. */
export function groundLines(facts: SignOffFacts): readonly SignOffCheck[] {
  const { runs, asked, environment } = facts;
  const ids = runs.map(({ id }) => id);
  return [
    line(
      'subject',
      'always',
      'its digest; the Go build id of a binary is that of every run',
      subjectAnswer(facts),
      ids,
    ),
    line('runs', 'always', 'each was completed, and every file is the one that was written', runsAnswer(runs), ids),
    line(
      'evidence-age',
      'always',
      'start of the oldest run against the moment of signing',
      ageAnswer(runs, asked),
      ids,
    ),
    line(
      'environment',
      'always',
      'machine, build and runtime settings are the same in all runs',
      environmentAnswer(environment),
      ids,
    ),
    policyLine(facts),
    line('traffic-target', 'always', 'the planned peak, with who says so and since when', trafficAnswer(asked)),
  ];
}

/** The lines behind those of the tests. */
export function conclusionLines(facts: SignOffFacts): readonly SignOffCheck[] {
  const { runs, asked, safe, headroom, settings } = facts;
  const tests = runs.filter((run) => testOf(run) !== null && run.search === null);
  return [
    line(
      'headroom',
      'always',
      'planned load per instance, all there and with those lost that may be, against the lower end of the safe rate',
      headroomAnswer(asked, safe, headroom),
      safe === null ? [] : [safe.run],
    ),
    line(
      'settings',
      'always',
      'the run that gave the safe rate, and every test, ran with exactly the recommended values',
      settingsAnswer(settings, safe),
      safe === null ? [] : [safe.run],
    ),
    line(
      'findings',
      'always',
      'no critical finding in a test',
      findingsAnswer(tests),
      tests.map(({ id }) => id),
    ),
    line(
      'regressions',
      'always',
      'a comparison with the version before, and what is known to be open',
      regressionsAnswer(asked),
    ),
    line('approvers', 'always', 'somebody stands for it', approversAnswer(asked)),
  ];
}

function policyLine({ policy }: SignOffFacts): SignOffCheck {
  const method =
    'its objectives and its evidence on each test but that of a slow dependency; its file is kept with its hash';
  if (policy === null) return line('policy', 'always', method, ['inconclusive', 'no policy was given: --policy FILE']);
  const { status, evidence, waivers } = policy;
  return {
    ...line('policy', 'always', method, [status, evidence]),
    waiver: waivers.length === 0 ? null : waivers.map(waiverText).join('; '),
  };
}

function subjectAnswer({ runs, asked: { subject } }: SignOffFacts): Answer {
  const builds = new Map(runs.map((run) => [run.id, run.analysis.environment.target.buildId]));
  const unknown = [...builds].filter(([, build]) => build === null).map(([id]) => id);
  const [one, ...others] = new Set([...builds.values()].filter((build) => build !== null));
  if (others.length > 0) return ['fail', `the runs are of ${others.length + 1} different builds`];
  if (one !== undefined && subject.buildIds.length > 0 && !subject.buildIds.includes(one))
    return ['fail', `the runs are of another build than the subject: their build id is ${one}`];
  const { revision, doubt } = builtFrom(runs);
  if (doubt !== null) return ['inconclusive', doubt];
  if (revision !== null && subject.commit !== null && !revision.startsWith(subject.commit))
    return ['fail', `the runs were built from ${revision}, not from ${subject.commit}`];
  if (subject.from === 'unknown') return ['inconclusive', 'which binary or image was tested is not known: --subject'];
  if (unknown.length > 0 || one === undefined)
    return ['inconclusive', `no build id is known of ${unknown.join(', ')}, so it may have been another build`];
  const names = subject.subjects.map(({ name }) => name).join(', ');
  return [
    'pass',
    subject.buildIds.length > 0
      ? `${names}: its build id is that of all runs`
      : `${names}: named by who signs; all runs are of one build, ${one}`,
  ];
}

function runsAnswer(runs: readonly TestedRun[]): Answer {
  if (runs.length === 0) return ['inconclusive', 'there is no run'];
  const cut = runs.flatMap((run) => {
    const reason = unfinished(run);
    return reason === null ? [] : [`${run.id}: ${reason}`];
  });
  return cut.length > 0 ? ['inconclusive', cut.join('; ')] : ['pass', `${runs.length} completed`];
}

function ageAnswer(runs: readonly TestedRun[], { now, oldestEvidence }: SignOffAsked): Answer {
  const old = runs.filter(({ startedAt }) => between(startedAt, now) > oldestEvidence).map(({ id }) => id);
  const early = runs.filter(({ startedAt }) => startedAt > now).map(({ id }) => id);
  if (early.length > 0) return ['inconclusive', `started in the future, by this machine’s clock: ${early.join(', ')}`];
  return old.length > 0 ? ['inconclusive', `too old: ${old.join(', ')}`] : ['pass', 'all are recent enough'];
}

const environmentAnswer = ({ differences }: SharedEnvironment): Answer =>
  differences.length === 0
    ? ['pass', 'the same in all runs']
    : ['inconclusive', `runs of unlike environments are no evidence together: ${differences.join('; ')}`];

function trafficAnswer({ trafficTarget: { ratePerSecond, source, date }, now }: SignOffAsked): Answer {
  const missing = [
    ...(source === null ? ['its source (--target-source)'] : []),
    ...(date === null ? ['its date (--target-date)'] : []),
  ];
  if (missing.length > 0) return ['inconclusive', `${rateText(ratePerSecond)}, but without ${missing.join(' and ')}`];
  if (date !== null && Date.parse(date) > now) return ['inconclusive', `its date, ${date}, is still to come`];
  return ['pass', `${rateText(ratePerSecond)} by ${source ?? ''}, ${date ?? ''}`];
}

function headroomAnswer({ instances }: SignOffAsked, safe: SafeRate | null, rows: readonly HeadroomRow[]): Answer {
  if (instances.planned === null) return ['inconclusive', 'how many instances will run is not said: --instances N'];
  if (safe === null) return ['inconclusive', 'no safe rate is known: give a search with its certificate'];
  if (instances.survive >= instances.planned)
    return ['fail', `with ${instances.survive} of ${instances.planned} lost nobody is left`];
  const needed = rows.filter(({ required }) => required);
  const worst = needed.find(({ status }) => status === 'fail') ?? needed.find(({ status }) => status !== 'pass');
  const shown = worst ?? needed.at(-1);
  if (shown === undefined) return ['inconclusive', 'there is no instance'];
  const where = shown.lost === 0 ? 'with all instances there' : `with ${shown.lost} lost`;
  const load = `${where} each carries ${rateText(shown.ratePerInstancePerSecond)}, of ${rateText(safe.low)} that are safe`;
  switch (shown.status) {
    case 'pass':
      return ['pass', load];
    case 'fail':
      return ['fail', load];
    case 'inconclusive':
      return ['inconclusive', `${load}: within the interval of the safe rate`];
    default:
      return shown.status satisfies never;
  }
}

function settingsAnswer({ settings, untested }: SettingsAnswer, safe: SafeRate | null): Answer {
  if (untested.length > 0) return ['inconclusive', `not tested: ${untested.join('; ')}`];
  if (safe === null) return ['inconclusive', 'no run gave a safe rate, so no setting was tested'];
  const all = settings.map(({ name, value }) => `${name}=${value}`).join(', ');
  return ['pass', settings.length === 0 ? `the defaults, by ${safe.run}` : `${all}, by ${safe.run}`];
}

function findingsAnswer(tests: readonly TestedRun[]): Answer {
  const critical = tests.flatMap(({ id, analysis }) =>
    analysis.findings
      .filter(({ status, severity }) => status === 'estimated' && severity === 'critical')
      .map((finding) => `${finding.id} (${id})`),
  );
  if (critical.length > 0) return ['fail', critical.join(', ')];
  return tests.length === 0 ? ['inconclusive', 'no test was given'] : ['pass', 'none'];
}

function regressionsAnswer({ regressions: { comparison, open } }: SignOffAsked): Answer {
  if (open.length > 0) return ['fail', `open: ${open.join(', ')}`];
  if (comparison === null) return ['inconclusive', 'nothing was compared with the version before: --comparison FILE'];
  switch (comparison.verdict) {
    case 'same':
    case 'better':
      return ['pass', `${comparison.file}: ${comparison.verdict}`];
    case 'worse':
      return ['fail', `${comparison.file}: worse`];
    case 'inconclusive':
      return ['inconclusive', `${comparison.file}: undecided`];
    default:
      return comparison.verdict satisfies never;
  }
}

const approversAnswer = ({ approvers }: SignOffAsked): Answer =>
  approvers.length === 0 ? ['inconclusive', 'nobody is named: --approver NAME'] : ['pass', approvers.join(', ')];
