import type { GatePolicy, RelativeRule } from '../../model/gate-policy.ts';
import { type RunMetricName, isLatencyMetric, runMetricNames, runMetrics } from '../../model/run-metrics.ts';
import type { EpochMilliseconds } from '../../model/units.ts';
import type { Change } from '../comparison/compare-family.ts';
import { type RunMetricComparison, type RunsComparison, compareRuns } from '../comparison/compare-runs.ts';
import { practicalThreshold } from '../comparison/compare-samples.ts';
import { type SeenChange, judgeChange, leastRuns } from '../comparison/judge-change.ts';
import { shareText } from './share-text.ts';
import { type GateCheck, type GateRun, type Measured, decideWaiver } from './gate-check.ts';

/**
 * Every limit against the reference. Passed where the candidate is shown not to be worse by more than the limit (the whole
 * interval lies within it), failed where a difference was found that is at least the limit, inconclusive otherwise.
 */
export function relativeChecks(
  policy: GatePolicy,
  runs: readonly GateRun[],
  reference: readonly GateRun[],
  alike: boolean,
  now: EpochMilliseconds,
): { readonly checks: readonly GateCheck[]; readonly comparison: RunsComparison | null } {
  const { relative, waivers } = policy;
  if (relative.length === 0) return { checks: [], comparison: null };
  const refused =
    reference.length === 0
      ? 'there is no reference: name its runs with --reference RUN, or under reference in the policy'
      : alike
        ? null
        : 'the runs are not alike, so nothing is said of a change';
  if (refused !== null) return { checks: relative.map((rule) => unknownCheck(rule, refused)), comparison: null };
  const comparison = compareRuns(samplesOf(reference), samplesOf(runs), {
    paired: policy.reference.paired,
    metrics: familyOf(relative),
    stages: relative.some(({ stages }) => stages === null) ? null : relative.flatMap(({ stages }) => stages ?? []),
  });
  const planned = [...new Set(runs.flatMap(({ sample }) => sample.plannedHolds))];
  const checks = relative.map((rule): GateCheck => {
    const cells = (rule.stages ?? planned).map((stage) => cellOf(rule, stage, rule.worseBy, comparison));
    const missed = cells.filter(({ status }) => status === 'fail');
    const open = cells.filter(({ status }) => status === 'inconclusive');
    const common = { ...basisOf(rule), ...worstOf(rule, cells), details: cells.map(({ text }) => text) };
    if (missed.length > 0) {
      const { status, waiver, note } = decideWaiver(rule.id, waivers, runs, now, ({ upTo, stages }) => {
        if (upTo.kind !== 'relative') return false;
        return cells.every((cell) => {
          const covered = stages === null || stages.includes(cell.stage);
          return (covered ? cellOf(rule, cell.stage, upTo.worseBy, comparison) : cell).status === 'pass';
        });
      });
      const where = missed.map(({ text }) => text).join('; ');
      return { ...common, status, waiver, reason: note === null ? where : `${where}; ${note}` };
    }
    const passed = cells.length > 0 && open.length === 0;
    return {
      ...common,
      status: passed ? 'pass' : 'inconclusive',
      waiver: null,
      reason: passed
        ? null
        : cells.length === 0
          ? 'there is no hold stage to compare'
          : open.map(({ text }) => text).join('; '),
    };
  });
  return { checks, comparison };
}

const samplesOf = (runs: readonly GateRun[]) => runs.map(({ sample }) => sample);

/** A stage that fell behind has no response times to compare: its throughput is looked at in their place. */
function familyOf(rules: readonly RelativeRule[]): readonly RunMetricName[] {
  const asked = new Set(rules.map(({ metric }) => metric));
  if ([...asked].some(isLatencyMetric)) asked.add('throughput');
  return runMetricNames.filter((name) => asked.has(name));
}

/** A limit in one stage. */
interface RelativeCell {
  readonly stage: number;
  readonly status: 'pass' | 'fail' | 'inconclusive';
  readonly measured: Measured | null;
  readonly text: string;
}

function cellOf(
  rule: RelativeRule,
  stage: number,
  worseBy: number,
  { metrics, warnings }: RunsComparison,
): RelativeCell {
  const of = (name: RunMetricName): RunMetricComparison | undefined =>
    metrics.find((metric) => metric.name === name && metric.stage.index === stage);
  const seen = of(rule.metric);
  if (seen !== undefined)
    return judgeCell(seen, stage, worseBy, warnings.map(({ code }) => code).includes('insufficient-replication'));
  const throughput = of('throughput');
  if (throughput === undefined || !isLatencyMetric(rule.metric))
    return { stage, status: 'inconclusive', measured: null, text: `stage ${stage}: ${rule.metric} was not measured` };
  const instead = judgeCell(throughput, stage, practicalThreshold, false);
  const text = `stage ${stage} did not keep up with its load in every run, so ${rule.metric} tells nothing; its ${instead.text.replace(/^stage \d+: /, '')}`;
  return { stage, measured: null, status: instead.status === 'fail' ? 'fail' : 'inconclusive', text };
}

function judgeCell(metric: RunMetricComparison, stage: number, worseBy: number, fewRuns: boolean): RelativeCell {
  const { effect, direction } = runMetrics[metric.name];
  const change = metric.ratio ?? metric.difference;
  const runs = Math.min(metric.base.runs, metric.candidate.runs);
  const seen: SeenChange = { effect, runs, change, p: metric.adjustedPValue, practicalThreshold: worseBy, direction };
  const { verdict } = judgeChange(seen);
  const status =
    verdict === 'worse'
      ? 'fail'
      : verdict !== 'inconclusive' || (change !== null && runs >= leastRuns && staysWithin(change, seen))
        ? 'pass'
        : 'inconclusive';
  const few = fewRuns || runs < leastRuns ? `, insufficient replication: ${runs} runs in an arm` : '';
  const said = change === null ? 'not measured in both arms' : changeText(change, effect);
  const text = `stage ${stage}: ${metric.name} ${said}, limit ${shareText(worseBy)} worse${status === 'inconclusive' ? few : ''}`;
  return { stage, status, measured: change === null ? null : measuredOf(change), text };
}

/** Whether the interval's worse end is within the limit. */
function staysWithin({ low, high }: Change, { effect, direction, practicalThreshold: limit }: SeenChange): boolean {
  if (effect === 'difference') return direction === 'lower' ? high < limit : low > -limit;
  return direction === 'lower' ? high < 1 + limit : low > 1 / (1 + limit);
}

function changeText({ estimate, low, high }: Change, effect: 'ratio' | 'difference'): string {
  const say = (value: number): string =>
    !Number.isFinite(value)
      ? 'open'
      : effect === 'ratio'
        ? `× ${Number(value.toPrecision(4))}`
        : `${value < 0 ? '−' : '+'}${shareText(Math.abs(value))}`;
  return `${say(estimate)} (${say(low)} to ${say(high)})`;
}

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);

function measuredOf({ estimate, low, high, confidence, method }: Change): Measured | null {
  return Number.isFinite(estimate) ? { estimate, low: finite(low), high: finite(high), confidence, method } : null;
}

/** Of the stages the one that is worst. */
function worstOf({ metric }: RelativeRule, cells: readonly RelativeCell[]): Pick<GateCheck, 'measured'> {
  const sign = runMetrics[metric].direction === 'lower' ? 1 : -1;
  const measured = cells.flatMap((cell) => (cell.measured === null ? [] : [cell.measured]));
  return { measured: measured.toSorted((left, right) => sign * (right.estimate - left.estimate))[0] ?? null };
}

function basisOf(rule: RelativeRule) {
  const { effect } = runMetrics[rule.metric];
  return {
    id: rule.id,
    kind: 'relative' as const,
    unit: effect === 'ratio' ? 'change' : 'difference',
    limit: `${shareText(rule.worseBy)} worse`,
    weight: rule.weight,
    key: rule.key,
    line: rule.line,
  };
}

function unknownCheck(rule: RelativeRule, reason: string): GateCheck {
  return { ...basisOf(rule), status: 'inconclusive', measured: null, reason, waiver: null, details: [] };
}
