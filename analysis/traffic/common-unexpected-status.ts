import { isShedStatus } from '../../model/answer-status.ts';
import { type Ratio, ratio } from '../../model/units.ts';
import type { EndpointTraffic } from './decode-traffic.ts';

export interface UnexpectedStatus {
  readonly status: string;
  readonly count: number;
  /** Of all complete answers, good or not. */
  readonly share: Ratio;
}

/** The most frequent status of answers that failed for their status; null where there was none or it was not recorded. */
export function commonUnexpectedStatus({ books, statuses, seconds }: EndpointTraffic): UnexpectedStatus | null {
  const [most] = Object.entries(statuses ?? {})
    .filter(([status]) => !isShedStatus(status))
    .toSorted(([, left], [, right]) => right - left);
  if (most === undefined) return null;
  const [status, count] = most;
  const answers = books.done + books.shed + seconds.reduce((sum, { unexpected }) => sum + unexpected, 0);
  return { status, count, share: ratio(count / answers) };
}
