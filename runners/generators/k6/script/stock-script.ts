import { scenario } from 'k6/execution';
import { request as send, setResponseCallback } from 'k6/http';
import { Trend } from 'k6/metrics';
import type { OpenLoadProfile } from '../../../../model/load-profile.ts';
import type { FailureKind } from '../../../../model/measurements.ts';
import type { Requests } from '../../../../model/traffic.ts';
import { eventsIn, inSeconds, milliseconds, perSecond } from '../../../../model/units.ts';
import { judgeResponse } from '../../expectation.ts';
import type { GeneratorJob } from '../../port.ts';
import { type ReadyRequest, bodyLimit, readyRequests } from './ready-requests.ts';

/*
 * What a k6 without our additions runs: a scenario of its own executors for each stage, and two samples of ours for each
 * request, which stock/main.ts reads from the json output. `plimsoll_begun` has the instant at which the load began as
 * its value, `plimsoll_ended` the service time.
 */

/** k6's: reads a file, while the script begins. */
declare function open(path: string): string;
/** k6's: the environment. */
// oxlint-disable-next-line no-underscore-dangle -- its name
declare const __ENV: Readonly<Record<string, string>>;

/** For the conductor's word to begin. */
const longestWaitMs = 86_400_000;
/** k6 needs a moment to see that a request has timed out. */
const marginMs = 500;
const maximumNames = 511;
const otherNames = '(other)';
const notBuilt = '(not built)';

export interface StockScript {
  readonly options: Readonly<Record<string, unknown>>;
  /** For setup: returns when the load is to begin. */
  readonly await: () => void;
  /** One iteration. */
  readonly iterate: () => void;
}

/** @param requests of the scenario's module; null where the plan has endpoints */
export function stockScript(job: GeneratorJob, requests: Requests | null): StockScript {
  setResponseCallback(null);
  const { loadProfile } = job.plan;
  if (loadProfile.kind === 'closed') throw new Error('stock k6 drives open loads only');
  const next = readyRequests(job, requests, (request) => request);
  const begun = new Trend('plimsoll_begun');
  const ended = new Trend('plimsoll_ended');
  const stages = startsOf(loadProfile);
  const names = new Set<string>();
  const nameOf = (name: string): string => {
    if (names.size < maximumNames) names.add(name);
    return names.has(name) ? name : otherNames;
  };
  let complained = false;

  return {
    options: optionsOf(job, loadProfile),
    await: () => {
      const parameters = { headers: {}, timeout: longestWaitMs, redirects: 0, responseType: 'none' } as const;
      send('GET', __ENV['PLIMSOLL_GATE'] ?? '', null, parameters);
    },
    iterate: () => {
      const stage = Number.parseInt(scenario.name, 10);
      const { startMs = 0, firstIteration = 0 } = stages[stage] ?? {};
      const startedAt = scenario.startTime - startMs;
      const tags = { stage: `${stage}`, second: `${Math.floor(inSeconds(milliseconds(Date.now() - startedAt)))}` };
      let ready: ReadyRequest;
      try {
        ready = next(firstIteration + scenario.iterationInTest, stage);
      } catch (error) {
        const endpoint = notBuilt;
        begun.add(startedAt, { ...tags, endpoint });
        ended.add(0, { ...tags, endpoint, outcome: 'failed', failure: 'request-error' });
        if (complained) return;
        complained = true;
        throw error; // k6 says it, with its place
      }
      const own = { ...tags, endpoint: nameOf(ready.name) };
      begun.add(startedAt, own);
      const response = send(ready.method, ready.url, ready.body, ready.parameters);
      const { timings, error_code: code, error } = response;
      // A connection of its own: it is counted.
      const opened = timings.connecting > 0 ? { opened: '1' } : {};
      if (code > 0 && !isStatusCode(code)) {
        const written = timings.sending + timings.waiting > 0;
        const failure = failureOf(code, error, written);
        ended.add(timings.duration, {
          ...own,
          ...opened,
          outcome: 'failed',
          failure,
          ...(written ? { sent: '1' } : {}),
        });
        return;
      }
      const text = ready.wantsBody ? (response.body ?? '').slice(0, bodyLimit) : null;
      const { outcome, failure, byStatus } = judgeResponse(ready.expectation, response.status, text);
      ended.add(timings.duration, {
        ...own,
        ...opened,
        outcome,
        ...(failure === null ? {} : { failure }),
        ...(byStatus ? { status: `${response.status}` } : {}),
        sent: '1',
      });
    },
  };
}

/** Where each stage begins in the load, and the number of its first request if all before it came to be. */
function startsOf({ stages }: OpenLoadProfile): { startMs: number; firstIteration: number }[] {
  let [startMs, firstIteration] = [0, 0];
  return stages.map(({ startPerSecond, endPerSecond, durationMs }) => {
    const start = { startMs, firstIteration };
    startMs += durationMs;
    // k6 makes as many as the rate says, or one more.
    firstIteration += Math.ceil(eventsIn(perSecond((startPerSecond + endPerSecond) / 2), durationMs)) + 1;
    return start;
  });
}

/** k6 takes whole numbers for rates; so many seconds make a thousandth of a request one. */
const unitSeconds = 1000;

function optionsOf(job: GeneratorJob, { stages }: OpenLoadProfile): StockScript['options'] {
  const { connections, graceMs } = job.plan;
  const { certificateFile, keyFile, insecure } = connections.tls;
  const starts = startsOf({ kind: 'open', arrivals: 'even', stages });
  return {
    scenarios: Object.fromEntries(
      stages.flatMap((stage, index) => {
        const [rate, target] = [stage.startPerSecond, stage.endPerSecond].map((each) => Math.round(each * unitSeconds));
        if (stage.durationMs === 0 || (rate === 0 && target === 0)) return [];
        const duration = `${stage.durationMs}ms`;
        const executor =
          rate === target
            ? { executor: 'constant-arrival-rate', rate, duration }
            : { executor: 'ramping-arrival-rate', startRate: rate, stages: [{ target, duration }] };
        const common = {
          timeUnit: `${unitSeconds}s`,
          startTime: `${starts[index]?.startMs ?? 0}ms`,
          preAllocatedVUs: connections.count,
          maxVUs: connections.count,
          // What k6 cuts it does not tell of: each request may come to its own end.
          gracefulStop: `${graceMs + marginMs}ms`,
        };
        // Its drops carry nothing but this name.
        return [[`${index}_${stage.name.replaceAll(/[^\w-]/g, '-')}`, { ...executor, ...common }]];
      }),
    ),
    setupTimeout: `${longestWaitMs}ms`,
    discardResponseBodies: true,
    insecureSkipTLSVerify: insecure,
    ...(certificateFile === null || keyFile === null
      ? {}
      : { tlsAuth: [{ cert: open(certificateFile), key: open(keyFile) }] }),
    noConnectionReuse: !connections.keepAlive,
    systemTags: ['scenario'],
  };
}

/** k6 gives an answer of status 404 the error code 1404. */
const isStatusCode = (code: number): boolean => code >= 1400 && code < 1600;

/** k6's error codes (lib/netext/httpext/error_codes.go). */
const failures: Readonly<Record<number, FailureKind>> = {
  1100: 'dns',
  1101: 'dns',
  1201: 'connection-reset',
  1211: 'connect-timeout',
  1212: 'connection-refused',
  1220: 'connection-reset',
  1701: 'malformed-response',
};

function failureOf(code: number, error: string, written: boolean): FailureKind {
  if (code === 1050) return written ? 'timeout' : 'connect-timeout';
  if (code >= 1300 && code < 1400) return 'tls';
  const known = failures[code];
  if (known !== undefined) return known;
  if (error.includes('malformed')) return 'malformed-response';
  if (error.includes('unexpected EOF')) return 'truncated-body';
  if (error.includes('EOF') || error.includes('server closed')) return 'connection-closed';
  return 'request-error';
}
