import type { Objective } from '../../model/objective.ts';
import { after, microsecondsOf, milliseconds } from '../../model/units.ts';
import type { Warning } from '../analysis.ts';
import { type HistogramIncrease, histogramIn, shareWithin } from '../metrics/histogram-series.ts';
import type { RequestHistogram } from '../metrics/request-histograms.ts';
import { Completions } from '../traffic/completions.ts';
import type { StageTraffic } from '../traffic/decode-traffic.ts';
import { countAbove, mergeValueCounts, meanOfCounts } from '../traffic/value-counts.ts';
import { defineAnalyzer } from './analyzer.ts';
import { objectiveText } from '../../model/objective-text.ts';
import { percentText } from '../percent-text.ts';
import type { ServerSideAnswer, ServerSideShare } from './server-side-answer.ts';
import { isUndisturbed } from './stage-validity.ts';
import { warn } from './warn.ts';

/** The histogram's count may be off the client's completions by this share: readings fall between requests. */
const sameCount = 0.02;
/** The server's mean can't be longer than the client's; a little is clocks and buckets. */
const meanTolerance = 1.05;
/** Difference of the shares that is worth a word. */
const notable = 0.02;

/**
 * A second witness for `within(d)`: a histogram of the target that behaves like one of its requests (its count grows as
 * the client's completions do, its mean is not above the client's) and has a bucket that ends at d. The server counts
 * from when its handler began, so the client, who also waits before that, sees at least as many late ones.
 */
export const serverSideShare = defineAnalyzer({
  name: 'server-side-share',
  needs: ['plan', 'traffic', 'signals', 'validity'],
  wants: [],
  answer: ({ plan, traffic, signals, validity }): ServerSideAnswer => {
    const completions = new Completions(traffic);
    const asked = plan.objectives.filter((objective) => objective.kind === 'within' && objective.endpoint === null);
    const shares = traffic.stages
      .filter(({ index, stage }) => stage.kind === 'hold' && isUndisturbed(validity[index]))
      .flatMap((stage) => {
        const window = {
          from: after(traffic.measurement.startedAt, stage.window.fromMs),
          to: after(traffic.measurement.startedAt, stage.window.toMs),
        };
        const found = signals.requestHistograms.flatMap((histogram) => {
          const increase =
            histogram.unit === null || histogram.total === null ? null : histogramIn(histogram.total, window);
          return increase !== null && behavesAsRequests(increase, stage, completions) ? [{ histogram, increase }] : [];
        })[0];
        return found === undefined ? [] : asked.flatMap((objective) => shareOf(objective, stage, found));
      });
    return { shares, warnings: shares.flatMap(differenceOf) };
  },
});

function behavesAsRequests(increase: HistogramIncrease, { all }: StageTraffic, completions: Completions): boolean {
  const answered = completions.in(increase.from, increase.to);
  const clientMean = meanOfCounts(mergeValueCounts(all.steady.map(({ response }) => response)));
  if (answered === 0 || clientMean === null || increase.resets.length > 0) return false;
  const slower =
    increase.sum !== null && microsecondsOf(milliseconds(increase.sum / increase.total)) > clientMean * meanTolerance;
  return Math.abs(increase.total - answered) <= sameCount * answered && !slower;
}

function shareOf(
  objective: Objective,
  { all, index }: StageTraffic,
  { histogram, increase }: { readonly histogram: RequestHistogram; readonly increase: HistogramIncrease },
): ServerSideShare[] {
  if (objective.kind !== 'within') return [];
  const server = shareWithin(increase, objective.durationMs);
  const response = mergeValueCounts(all.steady.map((second) => second.response));
  // Only a bucket that ends at the duration says it exactly.
  if (server === null || server.low !== server.high || response.total === 0) return [];
  return [
    {
      objective: objectiveText(objective),
      stage: index,
      source: histogram.name,
      durationMs: objective.durationMs,
      server: server.low,
      client: 1 - countAbove(response, microsecondsOf(objective.durationMs)) / response.total,
    },
  ];
}

function differenceOf({ objective, stage, source, server, client }: ServerSideShare): Warning[] {
  if (Math.abs(server - client) <= notable) return [];
  const why = server > client ? 'requests wait before the handler sees them' : 'the two do not time the same thing';
  return [
    warn(
      'server-differs',
      `${objective}: ${source} says ${percentText(server)}, the client ${percentText(client)}; ${why}`,
      stage,
    ),
  ];
}
