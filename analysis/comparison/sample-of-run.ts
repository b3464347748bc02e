import { type LatencyMetricName, type RunMetricName, latencyMetrics } from '../../model/run-metrics.ts';
import type { RunRecord } from '../../model/run-record.ts';
import { inSeconds, microseconds, millisecondsOf, seconds } from '../../model/units.ts';
import { type Known, answerOf } from '../analyzers/analyzer.ts';
import { loadFidelity } from '../analyzers/load-fidelity.ts';
import type { StageFigures } from '../analyzers/stage-figures.ts';
import type { TargetFigures } from '../analyzers/target-figures.ts';
import { targetPerStage } from '../analyzers/target-per-stage.ts';
import { trafficPerStage } from '../analyzers/traffic-per-stage.ts';
import { decodeRecord } from '../decode-record.ts';
import { Completions } from '../traffic/completions.ts';
import type { DecodedTraffic, StageTraffic } from '../traffic/decode-traffic.ts';
import { queueGrew } from '../traffic/queue-growth.ts';
import { type ValueCounts, mergeValueCounts, quantileOfCounts } from '../traffic/value-counts.ts';
import { environmentFields, scenarioFields, settingFields } from './run-fields.ts';
import { type RunSample, type StageSample, shiftQuantiles } from './run-sample.ts';

/** What is kept of a run for comparing it with others; its quantiles are those of all requests of a stage together. */
export function sampleOfRun(record: RunRecord): RunSample {
  let known: Known = decodeRecord(record);
  known = { ...known, validity: loadFidelity.ask(known) };
  known = { ...known, figures: trafficPerStage.ask(known), targets: targetPerStage.ask(known) };
  const validity = answerOf(known.validity ?? missing) ?? [];
  const figures = answerOf(known.figures ?? missing) ?? [];
  const targets = answerOf(known.targets ?? missing) ?? [];
  const traffic = answerOf(known.traffic ?? missing);
  const { id, plan, startedAt, endedAt, outcome } = record;
  return {
    id,
    name: plan.name,
    startedAt,
    endedAt,
    outcome,
    environment: environmentFields(record),
    settings: settingFields(record),
    scenario: scenarioFields(record),
    plannedHolds: plan.loadProfile.stages.flatMap(({ kind }, index) => (kind === 'hold' ? [index] : [])),
    stages: figures
      .filter(({ stage: { kind } }) => kind === 'hold')
      .flatMap(({ stage }) => {
        const seen = traffic?.stages[stage.index];
        if (traffic === null || seen === undefined) return [];
        const { status, reasons } = validity[stage.index] ?? { status: 'invalid', reasons: [] };
        return [
          {
            validity: { status: status === 'valid' ? 'valid' : 'invalid', reasons },
            ...stageSample(record, stage, seen, traffic, targets[stage.index] ?? null, reasons.length > 0),
          },
        ];
      }),
    metricReadings: record.collectors.reduce(
      (sum, { collector, status }) =>
        sum +
        ((collector === 'prometheus' || collector === 'expvar') && status.status === 'captured'
          ? status.value.readings - status.value.failures
          : 0),
      0,
    ),
    profiles: [
      ...new Set(record.profiles.flatMap(({ kind, content }) => (content.status === 'captured' ? [kind] : []))),
    ].toSorted(),
  };
}

const missing = { status: 'not-collected', reason: '' } as const;

function stageSample(
  { plan: { loadProfile } }: RunRecord,
  stage: StageFigures['stage'],
  seen: StageTraffic,
  traffic: DecodedTraffic,
  target: TargetFigures | null,
  late: boolean,
): Omit<StageSample, 'validity'> {
  const planned = loadProfile.stages[stage.index];
  const { due, done, failed, shed, dropped, inFlightAtEnd, completedPerSecond } = stage;
  const lost = failed + dropped + inFlightAtEnd;
  const limited = fellBehind(stage, seen, traffic);
  // In a queue that grows times are those of its length.
  const timed = limited && loadProfile.kind === 'open' ? [] : seen.all.steady;
  const response = mergeValueCounts(timed.map((second) => second.response));
  const service = mergeValueCounts(timed.map((second) => second.service));
  const figures: Record<RunMetricName, number | null> = {
    errors: due === 0 ? null : lost / due,
    shed: due === 0 ? null : shed / due,
    throughput: limited || loadProfile.kind === 'closed' ? completedPerSecond : null,
    ...latenciesOf(response),
    'cpu-per-request': target?.target.cpuMsPerRequest ?? null,
    'bytes-per-request': target?.target.allocBytesPerRequest ?? null,
    'gc-cpu': target?.gcCpu?.estimate ?? target?.target.gcCpuShare ?? null,
    goroutines: target?.target.goroutines ?? null,
  };
  return {
    index: stage.index,
    name: stage.name,
    load: planned === undefined ? 0 : 'users' in planned ? planned.users : planned.endPerSecond,
    steadyMs: seconds(done === 0 ? 0 : seen.all.steady.filter(({ books }) => books.due > 0).length),
    limited,
    completedPerSecond,
    targetSeen: figures['cpu-per-request'] !== null || figures.goroutines !== null || figures['gc-cpu'] !== null,
    late,
    figures,
    serviceTimeMs: latenciesOf(service),
    errors: { hits: lost, trials: due },
    shed: { hits: shed, trials: due },
    quantilesMs: {
      response: shiftQuantiles.map((quantile) => latencyAt(response, quantile)),
      service: shiftQuantiles.map((quantile) => latencyAt(service, quantile)),
    },
  };
}

/** More than this share of the due requests never sent or never answered, or answered after their stage. */
const behind = 0.02;

/** Whether a stage's throughput was its limit and not its load. */
function fellBehind(
  { due, done, dropped, inFlightAtEnd, durationMs, completedPerSecond }: StageFigures['stage'],
  seen: StageTraffic,
  traffic: DecodedTraffic,
): boolean {
  if (due === 0) return false;
  // Chance alone moves the count in a stretch of n requests by some √n.
  const slack = behind + 3 / Math.sqrt(due);
  const doneRate = done / inSeconds(durationMs);
  return (
    dropped + inFlightAtEnd > behind * due ||
    queueGrew(seen, traffic.measurement.startedAt, new Completions(traffic)) ||
    (completedPerSecond !== null && completedPerSecond < (1 - slack) * doneRate)
  );
}

const latenciesOf = (counted: ValueCounts): Record<LatencyMetricName, number | null> => ({
  p50: latencyAt(counted, latencyMetrics.p50),
  p90: latencyAt(counted, latencyMetrics.p90),
  p99: latencyAt(counted, latencyMetrics.p99),
  'p99.9': latencyAt(counted, latencyMetrics['p99.9']),
});

/** Fewer requests beyond a quantile than this do not tell it. */
const fewestBeyond = 10;

function latencyAt(response: ValueCounts, quantile: number): number | null {
  const beyond = Math.min(quantile, 1 - quantile) * response.total;
  if (beyond < fewestBeyond) return null;
  const value = quantileOfCounts(response, quantile);
  return value === null ? null : millisecondsOf(microseconds(value));
}
