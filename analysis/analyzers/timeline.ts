import type { TimelinePoint } from '../analysis.ts';
import { type SecondTraffic, sumBooks } from '../traffic/decode-traffic.ts';
import { type ValueCounts, mergeValueCounts, timeQuantile } from '../traffic/value-counts.ts';
import { defineAnalyzer } from './analyzer.ts';

/** One point per second of due time, for charts; a second on the border of two stages belongs to the busier one. */
export const timeline = defineAnalyzer({
  name: 'timeline',
  needs: ['traffic'],
  wants: [],
  answer: ({ traffic }): readonly TimelinePoint[] => {
    const bySecond = new Map<number, { readonly stage: number; readonly traffic: SecondTraffic }[]>();
    for (const { index, all } of traffic.stages) {
      for (const second of all.seconds)
        bySecond.set(second.second, [...(bySecond.get(second.second) ?? []), { stage: index, traffic: second }]);
    }
    const lateness = new Map(
      traffic.stages.flatMap(({ health }) => health.map((second) => [second.health.second, second.lateness] as const)),
    );
    return [...bySecond]
      .toSorted(([left], [right]) => left - right)
      .map(([second, parts]) => pointOf(second, parts, lateness.get(second)));
  },
});

function pointOf(
  second: number,
  parts: readonly { readonly stage: number; readonly traffic: SecondTraffic }[],
  lateness: ValueCounts | undefined,
): TimelinePoint {
  const { due, done, failed, shed, dropped } = sumBooks(parts.map((part) => part.traffic));
  const response = mergeValueCounts(parts.map((part) => part.traffic.response));
  const [busiest] = parts.toSorted((left, right) => right.traffic.books.due - left.traffic.books.due);
  return {
    second,
    stage: busiest?.stage ?? 0,
    due,
    done,
    failed,
    shed,
    dropped,
    p50Ms: timeQuantile(response, 0.5),
    p99Ms: timeQuantile(response, 0.99),
    latenessP99Ms: lateness === undefined ? null : timeQuantile(lateness, 0.99),
  };
}
