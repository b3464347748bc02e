import type { Estimate, ObjectiveResult, VerdictStatus } from '../../model/finding.ts';
import type { GatePolicy, ObjectiveRule, Waiver } from '../../model/gate-policy.ts';
import { objectiveText } from '../../model/objective-text.ts';
import type { Objective } from '../../model/objective.ts';
import type { EpochMilliseconds } from '../../model/units.ts';
import { type GateCheck, type GateRun, decideWaiver } from './gate-check.ts';
import { sayByRun } from './say-by-run.ts';

/**
 * Every objective on every planned hold stage of every run of the candidate: failed where any misses it, passed where all
 * are shown to meet it.
 */
export function objectiveChecks(
  { objectives, waivers }: GatePolicy,
  runs: readonly GateRun[],
  now: EpochMilliseconds,
): readonly GateCheck[] {
  return [
    ...objectives.map((rule) => objectiveCheck(rule, waivers, runs, now)),
    ...unaskedChecks(objectives, waivers, runs),
  ];
}

/** One objective on one planned hold stage of one run. */
interface Place {
  readonly run: string;
  readonly stage: number;
  readonly status: VerdictStatus;
  readonly measured: Estimate | null;
  readonly reason: string | null;
}

function objectiveCheck(
  rule: ObjectiveRule,
  waivers: readonly Waiver[],
  runs: readonly GateRun[],
  now: EpochMilliseconds,
): GateCheck {
  const places = placesOf(rule.id, runs);
  const statuses = places.map(({ status }) => status);
  const missed = places.filter(({ status }) => status === 'fail');
  const open = places.filter(({ status }) => status === 'inconclusive');
  const worst = worstOf(places, rule.objective);
  const common = {
    id: rule.id,
    kind: 'objective' as const,
    measured: worst?.measured ?? null,
    unit: unitOf(rule.objective),
    limit: rule.id,
    weight: rule.weight,
    key: rule.key,
    line: rule.line,
    details: places.map(placeText),
  };
  if (missed.length > 0) {
    const { status, waiver, note } = decideWaiver(rule.id, waivers, runs, now, (each) => holdsUnder(each, rule, runs));
    const where = sayByRun(missed.map(({ run, stage }) => ({ run, text: `missed at stage ${stage}` })));
    return { ...common, status, waiver, reason: note === null ? where : `${where}; ${note}` };
  }
  const passed = places.length > 0 && statuses.every((status) => status === 'pass');
  return {
    ...common,
    status: passed ? 'pass' : 'inconclusive',
    waiver: null,
    reason: passed
      ? null
      : open.length === 0
        ? 'no hold stage was judged'
        : sayByRun(open.map(({ run, stage, reason }) => ({ run, text: `stage ${stage}: ${reason ?? 'undecided'}` }))),
  };
}

/** A hold stage without a result is invalid or was not measured: it decides nothing, and says so. */
function placesOf(id: string, runs: readonly GateRun[]): readonly Place[] {
  return runs.flatMap(({ sample, results }) =>
    sample.plannedHolds.map((stage): Place => {
      const result = results.find((each) => each.stage === stage && each.objective === id);
      return result === undefined
        ? { run: sample.id, stage, status: 'inconclusive', measured: null, reason: 'the stage is not valid' }
        : placeOf(sample.id, result);
    }),
  );
}

const placeOf = (run: string, { stage, status, measured, reason }: ObjectiveResult): Place => ({
  run,
  stage,
  status,
  measured,
  reason,
});

/** By the laxer limit in the stages that the waiver is about, by the policy's own elsewhere. */
function holdsUnder(waiver: Waiver, rule: ObjectiveRule, runs: readonly GateRun[]): boolean {
  if (waiver.upTo.kind !== 'objective') return false;
  const laxer = placesOf(objectiveText(waiver.upTo.objective), runs);
  const covers = (stage: number): boolean => waiver.stages === null || waiver.stages.includes(stage);
  return placesOf(rule.id, runs).every(({ status, stage }, index) =>
    covers(stage) ? laxer[index]?.status === 'pass' : status === 'pass',
  );
}

function worstOf(places: readonly Place[], { comparison }: Objective): Place | undefined {
  const measured = places.filter((place) => place.measured !== null);
  const sign = comparison.startsWith('<') ? 1 : -1;
  return measured.toSorted(
    (left, right) => sign * ((right.measured?.estimate ?? 0) - (left.measured?.estimate ?? 0)),
  )[0];
}

function placeText({ run, stage, status, reason }: Place): string {
  return `${run}, stage ${stage}: ${status}${reason === null ? '' : `, ${reason}`}`;
}

function unitOf({ kind }: Objective): string {
  switch (kind) {
    case 'latency-quantile':
      return 'ms';
    case 'within':
    case 'errors':
    case 'shed':
    case 'gc-cpu':
      return 'ratio';
    case 'throughput':
      return '1/s';
    case 'goroutines':
      return '1';
    case 'rss':
      return 'B';
    default:
      return kind satisfies never;
  }
}

/** What the judgement of a run adds of itself: a service that answers "no" to many has fulfilled nothing. */
function unaskedChecks(
  rules: readonly ObjectiveRule[],
  waivers: readonly Waiver[],
  runs: readonly GateRun[],
): readonly GateCheck[] {
  const asked = new Set([
    ...rules.map(({ id }) => id),
    ...waivers.flatMap(({ upTo }) => (upTo.kind === 'objective' ? [objectiveText(upTo.objective)] : [])),
  ]);
  const found = runs.flatMap(({ sample, results }) =>
    results.filter(({ objective }) => !asked.has(objective)).map((result) => ({ run: sample.id, result })),
  );
  return [...Map.groupBy(found, ({ result }) => result.objective)].map(([id, list]) => ({
    id,
    kind: 'objective',
    status: 'inconclusive',
    measured: list[0]?.result.measured ?? null,
    unit: 'ratio',
    limit: id,
    reason: list[0]?.result.reason ?? 'undecided',
    weight: 1,
    key: false,
    line: null,
    waiver: null,
    details: list.map(({ run, result }) => placeText(placeOf(run, result))),
  }));
}
