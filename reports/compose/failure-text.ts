import type { StageAnalysis } from '../../analysis/analysis.ts';
import { formatCount } from '../format-quantity.ts';
import { sayFailure } from '../wording.ts';

/** Kinds that are named; the table of the full report has all. */
const mostKinds = 3;

type Failed = Pick<StageAnalysis, 'failures' | 'shed'>;

/** Failures of all `stages` by kind, the most frequent first. */
export function failureCounts(stages: readonly Failed[]): readonly (readonly [kind: string, count: number])[] {
  const counts = new Map<string, number>();
  for (const { failures } of stages)
    for (const [kind, count] of Object.entries(failures)) counts.set(kind, (counts.get(kind) ?? 0) + count);
  return [...counts].filter(([, count]) => count > 0).toSorted(([, left], [, right]) => right - left);
}

/** "397 × unexpected status, 3 × timed out": how requests failed; '' where none did. */
export function failureText(stages: readonly Failed[]): string {
  const counts = failureCounts(stages);
  const left = counts.slice(mostKinds).reduce((sum, [, count]) => sum + count, 0);
  return [
    ...counts.slice(0, mostKinds).map(([kind, count]) => `${formatCount(count)} × ${sayFailure(kind)}`),
    ...(left === 0 ? [] : [`${formatCount(left)} in other ways`]),
  ].join(', ');
}

/** Why not a single request is done: what came back instead, or what came of asking. */
export function nothingDoneText(stages: readonly StageAnalysis[]): string {
  const counts = failureCounts(stages);
  const shed = stages.reduce((sum, stage) => sum + stage.shed, 0);
  const unexpected = counts.some(([kind]) => kind === 'unexpected-status' || kind === 'unexpected-body');
  if (shed > 0 || unexpected) {
    const parts = [...(shed > 0 ? [`${formatCount(shed)} × 429 or 503`] : []), failureText(stages)];
    return `no answer was as expected: ${parts.filter((part) => part !== '').join(', ')}`;
  }
  const [most] = counts;
  if (most !== undefined) return `no request was answered: ${formatCount(most[1])} × ${sayFailure(most[0])}`;
  return stages.some(({ due }) => due > 0)
    ? 'no request was answered, nothing can be judged'
    : 'no request was sent, nothing can be judged';
}
