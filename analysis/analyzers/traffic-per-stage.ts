import type { SteadyWindow } from '../../model/plan.ts';
import { type Milliseconds, between, milliseconds, rateOf, seconds } from '../../model/units.ts';
import type { QuantileName, Warning } from '../analysis.ts';
import { mserTruncation } from '../statistics/mser-truncation.ts';
import { doneIn } from '../traffic/completions.ts';
import type { DecodedTraffic, EndpointTraffic, StageTraffic } from '../traffic/decode-traffic.ts';
import { mergeValueCounts, meanOfCounts, timeQuantile } from '../traffic/value-counts.ts';
import { responseTimeGrew } from '../traffic/queue-growth.ts';
import { defineAnalyzer } from './analyzer.ts';
import { type LatencyDoubt, latencyQuantiles } from './latency-quantiles.ts';
import type { StageFigures } from './stage-figures.ts';
import { warn } from './warn.ts';

/** Requests of each stage by how they ended, exactly, and their times in the steady window, with intervals. */
export const trafficPerStage = defineAnalyzer({
  name: 'traffic-per-stage',
  needs: ['traffic'],
  wants: [],
  answer: ({ traffic }): readonly StageFigures[] => traffic.stages.map((stage) => figuresOf(stage, traffic)),
});

function figuresOf(stage: StageTraffic, { stages, measurement }: DecodedTraffic): StageFigures {
  const { all, index, window } = stage;
  const { books } = all;
  const duration = drivenFor(stage, between(measurement.startedAt, measurement.endedAt));
  const completed = stages.reduce(
    (sum, other) => sum + other.all.seconds.reduce((so, second) => so + doneIn(second, window.fromMs, window.toMs), 0),
    0,
  );
  const driven = drivenPart(window, stage, duration);
  const response = latencyQuantiles(all.steady.map((second) => second.response));
  const service = latencyQuantiles(all.steady.map((second) => second.service));
  const lateness = mergeValueCounts(stage.steadyHealth.map((second) => second.lateness));
  return {
    stage: {
      index,
      name: stage.stage.name,
      kind: stage.stage.kind,
      offeredPerSecond: rateOf(books.due, duration),
      achievedPerSecond: rateOf(books.done, duration),
      completedPerSecond: driven === 0 || books.due === 0 ? null : rateOf(completed, driven),
      durationMs: duration,
      due: books.due,
      sent: books.sent,
      done: books.done,
      failed: books.failed,
      shed: books.shed,
      dropped: books.dropped,
      inFlightAtEnd: books.inFlight,
      failures: stage.failures,
      statuses: all.statuses,
      latenessMs: { '0.5': timeQuantile(lateness, 0.5), '0.99': timeQuantile(lateness, 0.99) },
      responseTimeMs: response.quantiles,
      serviceTimeMs: service.quantiles,
      endpoints: stage.endpoints.map((endpoint) => ({
        name: endpoint.name,
        due: endpoint.books.due,
        done: endpoint.books.done,
        failed: endpoint.books.failed,
        statuses: endpoint.statuses,
        responseTimeMs: latencyQuantiles(endpoint.steady.map((second) => second.response)).quantiles,
      })),
      steps: stage.steps.map(({ name, kind, books: counted, statuses, steady }) => ({
        name,
        kind,
        begun: counted.due,
        done: counted.done,
        failed: counted.failed,
        shed: counted.shed,
        inFlightAtEnd: counted.inFlight,
        statuses,
        serviceTimeMs: latencyQuantiles(steady.map((second) => second.response)).quantiles,
      })),
    },
    warnings:
      stage.stage.kind === 'hold'
        ? [...doubts(response, index), ...unsettled(all, index), ...survivors(all, index)]
        : [],
  };
}

/** The planned length; of a stage that was cut short, up to its last second in which something was due. */
function drivenFor({ stage, startMs, all }: StageTraffic, lasted: Milliseconds): Milliseconds {
  if (lasted >= startMs + stage.durationMs) return stage.durationMs;
  const last = Math.max(0, ...all.seconds.filter(({ books }) => books.due > 0).map(({ second }) => second + 1));
  return milliseconds(Math.min(stage.durationMs, Math.max(seconds(1), seconds(last) - startMs)));
}

/** How much of the steady window was driven. */
function drivenPart({ fromMs, toMs }: SteadyWindow, { startMs }: StageTraffic, duration: Milliseconds): Milliseconds {
  return milliseconds(Math.max(0, Math.min(toMs, startMs + duration) - fromMs));
}

/** One warning per doubt, with the quantiles it is about. */
function doubts({ doubts: byQuantile }: ReturnType<typeof latencyQuantiles>, stage: number): Warning[] {
  const pairs = [...byQuantile].flatMap(([quantile, codes]) => codes.map((code) => ({ quantile, code })));
  return [...Map.groupBy(pairs, ({ code }) => code)].map(([code, list]) => {
    const quantiles = list.map(({ quantile }) => quantileWords[quantile]).join(', ');
    return warn(code, `${quantiles} of the response time: ${latencyDoubts[code]}`, stage);
  });
}

const quantileWords: Readonly<Record<QuantileName, string>> = {
  '0.5': 'p50',
  '0.9': 'p90',
  '0.99': 'p99',
  '0.999': 'p99.9',
};

const latencyDoubts: Readonly<Record<LatencyDoubt, string>> = {
  'too-few-exceedances': 'fewer than ten requests lie beyond it; a longer stage or a higher rate would tell',
  'too-few-batches': 'the steady window has fewer than two whole seconds',
  'interval-unbounded': 'so few seconds allow no upper bound',
  'few-batches': 'the steady window has fewer than five whole seconds; the interval is wide for it',
  'few-independent-exceedances': 'the requests beyond it came in a few bursts; the interval may still be too short',
};

/** A transient longer than this share of the steady window colours its figures. */
const longestTransient = 0.25;
/** Says where the response time was still moving in the window that is judged. */
function unsettled(all: EndpointTraffic, stage: number): Warning[] {
  const means = all.steady.flatMap((second) => meanOfCounts(second.response) ?? []);
  const truncation = mserTruncation(means);
  const warnings: Warning[] = [];
  if (truncation !== null && (!truncation.settled || truncation.cut > means.length * longestTransient))
    warnings.push(
      warn(
        'not-settled',
        `the response time was still changing ${truncation.cut} s into the steady window (MSER-5)`,
        stage,
      ),
    );
  if (responseTimeGrew(all))
    warnings.push(
      warn(
        'response-time-growing',
        'the response time grew all through the window: its quantiles are those of this length and no more',
        stage,
      ),
    );
  return warnings;
}

/** Quantiles are of done requests; where more than a hundredth were not, p99 is that of the survivors. */
function survivors({ books }: EndpointTraffic, stage: number): Warning[] {
  const lost = books.due - books.done;
  return lost <= books.due * (1 - 0.99)
    ? []
    : [
        warn(
          'quantile-of-survivors',
          `${lost} of ${books.due} due requests were not done; the quantiles are of the others`,
          stage,
        ),
      ];
}
