import type { Capacity, Limiter } from '../../analysis/analysis.ts';
import type { Finding } from '../../model/finding.ts';
import type { Fact, VerdictBlock } from '../document.ts';
import { formatCount, formatQuantity, formatRate, formatSetting } from '../format-quantity.ts';
import { sayAbort, sayLimiter, sayMeasure, sayValidity } from '../wording.ts';
import { nothingDoneText } from './failure-text.ts';
import { type RunView, holds, loadText, stageText, wasReached } from './run-view.ts';

/** The answer in ten seconds: is it all right, how much can it take, what stops it, what to set. */
export function verdictSection(view: RunView): VerdictBlock {
  const asked: Fact = { id: 'objectives', label: 'objectives', ...objectives(view) };
  return {
    kind: 'verdict',
    status: view.analysis.verdict.status,
    headline: headline(view),
    facts: [
      { id: 'water-level', label: 'water-level', ...waterLevel(view) },
      { id: 'limiter', label: 'limiter', ...limiter(view) },
      ...(view.analysis.capacity.levels === null
        ? [asked, ...firstChange(view)]
        : [loadToSet(view.analysis.capacity.levels), ...firstChange(view), asked]),
    ],
  };
}

type Said = Pick<Fact, 'value' | 'note'>;

function headline(view: RunView): string {
  const { outcome, verdict, capacity } = view.analysis;
  if (outcome.status === 'failed') return `the run failed: ${outcome.reason}`;
  const early = outcome.status === 'aborted' ? `ended early (${sayAbort(outcome.code)}); ` : '';
  const level = capacity.waterLevelPerSecond;
  switch (verdict.status) {
    case 'pass':
      return `${early}every objective held on every stage`;
    case 'fail':
      return level === null
        ? `${early}objectives were missed at ${missedFrom(view)}`
        : `${early}objectives held up to ${formatRate(level.low)} and were missed at ${missedFrom(view)}`;
    case 'inconclusive':
      return outcome.status === 'aborted'
        ? `the run ended early: ${sayAbort(outcome.code)}${mostAnswers(view)}`
        : whyUndecided(view);
    default:
      return verdict.status satisfies never;
  }
}

/** What nearly all answers were, where that is why there was nothing to judge. */
function mostAnswers({ analysis }: RunView): string {
  const found = analysis.findings.find(({ id, severity }) => id === 'unexpected-status' && severity === 'critical');
  return found === undefined ? '' : `; ${found.title}`;
}

function missedFrom(view: RunView): string {
  const missed = lowestMissed(view);
  return missed === null ? 'a valid stage' : loadText(view, missed);
}

function lowestMissed(view: RunView): number | null {
  const missed = holds(view)
    .filter(({ held }) => held === false)
    .toSorted((left, right) => left.offeredPerSecond - right.offeredPerSecond);
  return missed[0]?.index ?? null;
}

function whyUndecided(view: RunView): string {
  const { analysis, plan } = view;
  if (analysis.stages.every(({ done }) => done === 0)) return nothingDoneText(analysis.stages);
  if (plan.objectives.length === 0) return 'measured, not judged: no objectives were set';
  const invalid = holds(view).filter(({ validity }) => validity.status === 'invalid');
  const [first] = invalid;
  if (first !== undefined) {
    const why = first.validity.reasons.map(sayValidity).join(', ');
    const others = invalid.length > 1 ? ` and ${invalid.length - 1} more` : '';
    return `${stageText(view, first.index)}${others} could not be judged: ${why}`;
  }
  return analysis.verdict.reasons[0] ?? 'the evidence does not decide';
}

function waterLevel(view: RunView): Said {
  const { analysis, plan } = view;
  const level = analysis.capacity.waterLevelPerSecond;
  if (level !== null && level.high === null)
    return {
      value: `≥ ${formatRate(level.low)}`,
      note: holds(view).some(({ held, offeredPerSecond }) => held === null && offeredPerSecond > level.low)
        ? `held at ${formatRate(level.low)}; higher levels could not be judged`
        : 'nothing was missed up to there; only higher loads can find it',
    };
  if (level !== null)
    return {
      value: formatRate(level.low),
      note: `held at ${formatRate(level.low)}, missed at ${formatRate(level.high)}`,
    };
  if (plan.loadProfile.kind === 'closed')
    return { value: 'not defined', note: 'in a closed loop the answers set the pace; no rate was offered' };
  const saturation = analysis.capacity.saturationPerSecond;
  const keptUp = saturation === null ? '' : `; it kept up with ${formatRate(saturation.low)}`;
  if (plan.objectives.length === 0) return { value: 'not asked', note: `no objectives to hold${keptUp}` };
  const missed = lowestMissed(view);
  const judgedBelow = holds(view).some(
    ({ held, index }) => held === null && missed !== null && stageBefore(view, index, missed),
  );
  if (missed !== null && !judgedBelow)
    return {
      value: `below ${loadText(view, missed)}`,
      note: 'the lowest level that was tried missed an objective already',
    };
  return { value: 'unknown', note: `no level could be shown to hold${keptUp}` };
}

function stageBefore({ analysis }: RunView, left: number, right: number): boolean {
  return (analysis.stages[left]?.offeredPerSecond ?? 0) < (analysis.stages[right]?.offeredPerSecond ?? 0);
}

function limiter(view: RunView): Said {
  const { capacity, stages } = view.analysis;
  if (capacity.limiter !== null)
    return { value: sayLimiter(capacity.limiter.signal), note: crossingText(view, capacity.limiter) };
  if (!stages.some(({ validity }) => validity.status === 'valid'))
    return { value: 'unknown', note: 'there is no valid stage to look at' };
  const blind = view.analysis.warnings.some(({ code }) => code === 'target-not-measured');
  return {
    value: 'none found',
    note: `no signal crossed its limit in a valid stage${blind ? '; of the target itself nothing was collected' : ''}`,
  };
}

/** "6.24 ms wait per request (limit 1 ms) from 1,000/s". */
function crossingText(view: RunView, { signal, value, limit, unit, firstStage }: Limiter): string {
  const measured = `${formatQuantity(value, unit)} ${sayMeasure(signal)}`.trimEnd();
  const cores = view.analysis.stages[firstStage]?.target.cpuCores ?? null;
  // Whether it is the service that keeps the host busy, or its neighbours.
  const own =
    signal === 'host-cpu' && cores !== null ? `; the target itself used ${formatCount(cores)} processors` : '';
  return `${measured} (limit ${formatSetting(limit, unit)}) from ${loadText(view, firstStage)}${own}`;
}

function loadToSet({ greenPerSecond, yellowPerSecond }: NonNullable<Capacity['levels']>): Fact {
  return {
    id: 'load-to-plan',
    label: 'plan for',
    value: `≤ ${formatRate(greenPerSecond)}`,
    note: `that is green; yellow up to ${formatRate(yellowPerSecond)}, red above`,
  };
}

function firstChange({ analysis }: RunView): Fact[] {
  const found = analysis.findings.filter(({ status, severity }) => status === 'estimated' && severity !== 'info');
  const first: Finding | undefined = found.find(({ severity }) => severity === 'critical') ?? found[0];
  if (first === undefined) return [];
  return [{ id: 'first-change', label: 'first look', value: first.title, note: first.recommendation }];
}

function objectives(view: RunView): Said {
  const { analysis, plan } = view;
  if (plan.objectives.length === 0)
    return {
      value: 'none set',
      note: 'set some, such as p99<200ms and errors<0.1%, to get a verdict and a water-level',
    };
  const all = holds(view);
  const counted = [
    ['held', all.filter(({ held }) => held === true).length],
    ['missed', all.filter(({ held }) => held === false).length],
    ['undecided', all.filter(({ held, validity }) => held === null && validity.status === 'valid').length],
    ['invalid', all.filter((stage) => stage.validity.status === 'invalid' && wasReached(stage)).length],
    ['not reached', all.filter((stage) => !wasReached(stage)).length],
  ] as const;
  const parts = counted.filter(([, count]) => count > 0).map(([word, count]) => `${count} ${word}`);
  return {
    value: analysis.detail.objectives.join(', '),
    note:
      all.length === 0
        ? analysis.stages.some(({ due }) => due > 0)
          ? 'judged on hold stages only, and none was planned'
          : 'no stage was measured'
        : `of ${all.length} ${all.length === 1 ? 'stage' : 'stages'}: ${parts.join(', ')}`,
  };
}
