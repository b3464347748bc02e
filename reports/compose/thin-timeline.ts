import type { TimelinePoint } from '../../analysis/analysis.ts';

/**
 * At most `most` points, each of `width` seconds: counts add up, of times the worst is kept (quantiles never average).
 */
export function thinTimeline(
  timeline: readonly TimelinePoint[],
  most: number,
): { readonly points: readonly TimelinePoint[]; readonly width: number } {
  const width = Math.max(1, Math.ceil(timeline.length / most));
  if (width === 1) return { points: timeline, width };
  const points: TimelinePoint[] = [];
  for (let start = 0; start < timeline.length; start += width) {
    const part = timeline.slice(start, start + width);
    const [first] = part;
    if (first !== undefined) points.push(part.slice(1).reduce(worse, first));
  }
  return { points, width };
}

function worse(left: TimelinePoint, right: TimelinePoint): TimelinePoint {
  return {
    ...left,
    due: left.due + right.due,
    done: left.done + right.done,
    failed: left.failed + right.failed,
    shed: left.shed + right.shed,
    dropped: left.dropped + right.dropped,
    p50Ms: larger(left.p50Ms, right.p50Ms),
    p99Ms: larger(left.p99Ms, right.p99Ms),
    latenessP99Ms: larger(left.latenessP99Ms, right.latenessP99Ms),
  };
}

function larger<T extends number>(left: T | null, right: T | null): T | null {
  if (left === null) return right;
  return right === null || left >= right ? left : right;
}
