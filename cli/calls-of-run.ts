import { decodeRecord } from '../analysis/decode-record.ts';
import type { HistogramSeries } from '../analysis/metrics/histogram-series.ts';
import { sumOfHistograms } from '../analysis/metrics/histogram-series.ts';
import type { RequestHistogram } from '../analysis/metrics/request-histograms.ts';
import { type MeasuredCalls, measuredCalls } from '../analysis/sizing/client/measured-calls.ts';
import { findRun } from '../runners/store/find-run.ts';
import { loadRun } from '../runners/store/load-run.ts';
import { misuse } from '../scenarios/misuse.ts';
import { readRun } from './analyze-run.ts';

/** Calls of the target to one server behind it, as a run showed them. */
export type CallsOfRun =
  | {
      readonly status: 'measured';
      readonly run: string;
      /** The histogram that timed them. */
      readonly metric: string;
      /** Null where its labels tell no server. */
      readonly host: string | null;
      /** In rising order of the rate of requests; at least one. */
      readonly stages: readonly MeasuredCalls[];
    }
  | { readonly status: 'unknown'; readonly run: string; readonly reason: string };

/** As OpenTelemetry names them, now and before its names were settled; any other is named by `--call-metric`. */
const usualMetric = /^http[._]client[._](?:request[._])?duration/;
/** Labels that name the server that is called, in the order of preference. */
const hostLabels = ['server_address', 'server.address', 'net_peer_name', 'http_host', 'host', 'upstream', 'server'];

/**
 * @param metric name of the histogram; null: as OpenTelemetry names it
 * @param host of several servers this one
 * @throws MisuseError for a histogram or a server that is not there
 */
export async function callsOfRun(
  argument: string,
  runsDirectory: string,
  metric: string | null,
  host: string | null,
): Promise<CallsOfRun> {
  const folder = await findRun(argument, runsDirectory);
  const record = await loadRun(folder);
  const { analysis } = readRun(record, folder);
  const run = analysis.runs[0] ?? argument;
  const { signals, traffic } = decodeRecord(record);
  if (signals?.status !== 'captured' || traffic?.status !== 'captured')
    return { status: 'unknown', run, reason: 'it holds no metrics of the target, or no traffic' };
  const { requestHistograms } = signals.value;
  const histogram = requestHistograms.find(({ name }) => (metric === null ? usualMetric.test(name) : name === metric));
  if (histogram === undefined && metric !== null)
    throw misuse('--call-metric', `there is no histogram "${metric}" in the run`, namesText(requestHistograms));
  if (histogram === undefined)
    return {
      status: 'unknown',
      run,
      reason: `the target has no histogram http_client_request_duration_seconds, which times its calls; --call-metric names another (${namesText(requestHistograms)})`,
    };
  const calls = callsTo(histogram, host);
  const stages = calls === null ? [] : measuredCalls(calls.histogram, traffic.value, analysis.stages);
  return calls === null || stages.length === 0
    ? {
        status: 'unknown',
        run,
        reason:
          calls === null
            ? `${histogram.name} does not tell its unit, or its buckets differ from label to label`
            : `no valid hold stage has calls in ${histogram.name} and enough readings of them (five at least)`,
      }
    : { status: 'measured', run, metric: histogram.name, host: calls.host, stages };
}

const namesText = (histograms: readonly RequestHistogram[]): string =>
  histograms.length === 0 ? 'it has none at all' : `it has ${histograms.map(({ name }) => name).join(', ')}`;

const hostOf = ({ labels }: HistogramSeries): string | null =>
  hostLabels.map((label) => labels[label]).find((value) => value !== undefined) ?? null;

/** The series of one server, whatever their method and status; null where they cannot be added up. */
function callsTo(
  { unit, parts }: RequestHistogram,
  asked: string | null,
): { readonly histogram: HistogramSeries; readonly host: string | null } | null {
  const hosts = [...new Set(parts.flatMap((part) => hostOf(part) ?? []))];
  if ((asked === null && hosts.length > 1) || (asked !== null && !hosts.includes(asked)))
    throw misuse(
      '--host',
      asked === null ? 'is missing: the target calls several servers' : `the target does not call "${asked}"`,
      hosts.length === 0 ? 'leave it out: the metrics name no server' : `one of ${hosts.join(', ')}`,
    );
  const host = asked ?? hosts[0] ?? null;
  const total = unit === null ? null : sumOfHistograms(parts.filter((part) => host === null || hostOf(part) === host));
  return total === null ? null : { histogram: total, host };
}
