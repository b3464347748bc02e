import type { StageAnalysis } from '../../analysis/analysis.ts';
import { isShedStatus } from '../../model/answer-status.ts';
import { formatCount } from '../format-quantity.ts';
import { sayFailure } from '../wording.ts';

/** Ways that are named; the table of the full report has all. */
const most = 3;

type Failed = Pick<StageAnalysis, 'failures' | 'shed' | 'statuses'>;
type Counted = readonly (readonly [how: string, count: number])[];

/** Failures of all `stages` by kind, or by status where it was that, the most frequent first. */
export function failureCounts(stages: readonly Failed[]): Counted {
  return added(
    stages.flatMap(({ failures, statuses }) =>
      Object.entries(failures).flatMap(([kind, count]): Counted =>
        kind === 'unexpected-status' && statuses !== null
          ? statusCounts(statuses, (status) => !isShedStatus(status))
          : [[sayFailure(kind), count]],
      ),
    ),
  );
}

/** "397 × status 401, 3 × timed out": how requests failed; '' where none did. */
export function failureText(stages: readonly Failed[]): string {
  return listed(failureCounts(stages));
}

/** Why not a single request is done: what came back instead, or what came of asking. */
export function nothingDoneText(stages: readonly StageAnalysis[]): string {
  const failed = failureCounts(stages);
  const answered = stages.some(
    ({ shed, failures }) => shed > 0 || 'unexpected-status' in failures || 'unexpected-body' in failures,
  );
  if (answered) return `no answer was as expected: ${listed([...shedCounts(stages), ...failed])}`;
  const [first] = failed;
  if (first !== undefined) return `no request was answered: ${formatCount(first[1])} × ${first[0]}`;
  return stages.some(({ due }) => due > 0)
    ? 'no request was answered, nothing can be judged'
    : 'no request was sent, nothing can be judged';
}

function shedCounts(stages: readonly Failed[]): Counted {
  return added(
    stages
      .filter(({ shed }) => shed > 0)
      .flatMap(({ shed, statuses }) =>
        statuses === null ? [['429 or 503', shed] as const] : statusCounts(statuses, isShedStatus),
      ),
  );
}

function statusCounts(statuses: Readonly<Record<string, number>>, wanted: (status: string) => boolean): Counted {
  return Object.entries(statuses)
    .filter(([status]) => wanted(status))
    .map(([status, count]) => [`status ${status}`, count]);
}

function added(list: Counted): Counted {
  const counts = new Map<string, number>();
  for (const [how, count] of list) counts.set(how, (counts.get(how) ?? 0) + count);
  return [...counts].filter(([, count]) => count > 0).toSorted(([, left], [, right]) => right - left);
}

function listed(counts: Counted): string {
  const left = counts.slice(most).reduce((sum, [, count]) => sum + count, 0);
  return [
    ...counts.slice(0, most).map(([how, count]) => `${formatCount(count)} × ${how}`),
    ...(left === 0 ? [] : [`${formatCount(left)} in other ways`]),
  ].join(', ');
}
