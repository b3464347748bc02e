import { type Ratio, ratio } from '../../model/units.ts';
import type { EndpointTraffic } from './decode-traffic.ts';

export interface UnexpectedStatus {
  readonly status: string;
  readonly count: number;
  /** Of all complete answers, good or not. */
  readonly share: Ratio;
}

/** 429 and 503 are shed where they are not expected, and so no failures. */
const shed: ReadonlySet<string> = new Set(['429', '503']);

/** The most frequent status of answers that failed for their status; null where there was none or it was not recorded. */
export function commonUnexpectedStatus({ books, statuses, seconds }: EndpointTraffic): UnexpectedStatus | null {
  const [most] = Object.entries(statuses ?? {})
    .filter(([status]) => !shed.has(status))
    .toSorted(([, left], [, right]) => right - left);
  if (most === undefined) return null;
  const [status, count] = most;
  const answers = books.done + books.shed + seconds.reduce((sum, { unexpected }) => sum + unexpected, 0);
  return { status, count, share: ratio(count / answers) };
}
