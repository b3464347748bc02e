import * as http from 'k6/http';
import * as load from 'k6/x/plimsoll';
import type { Requests, Traffic } from '../../../../model/traffic.ts';
import { type CompiledExpectation, judgeResponse } from '../../expectation.ts';
import type { GeneratorJob } from '../../port.ts';
import { grpcIteration } from './grpc-iteration.ts';
import { type ReadyRequest, bodyLimit, readyRequests, resolveSecret } from './ready-requests.ts';

/*
 * What k6 runs: the plan's traffic, one request per iteration. It is bundled for k6's JavaScript and so uses nothing of
 * Node. The engine says which request is due, this says what the request is and what its answer counts as.
 */

/** k6's: reads a file, while the script begins. */
declare function open(path: string): string;
/** k6's: the environment. */
// oxlint-disable-next-line no-underscore-dangle -- its name
declare const __ENV: Readonly<Record<string, string>>;

export interface LoadScript {
  readonly options: Readonly<Record<string, unknown>>;
  /** One iteration. */
  readonly iterate: () => void;
}

/** @param requests of the scenario's module; null where the plan has endpoints */
export function loadScript(job: GeneratorJob, requests: Requests | null): LoadScript {
  // Looked up once: in a bundle each use of an import goes through a function.
  const { turn, stage, send, exchange, judge } = load;
  const { request, setResponseCallback } = http;
  setResponseCallback(null);
  const { traffic } = job.plan;
  if (traffic.kind === 'grpc') {
    // The server that it would rehearse on speaks HTTP/1.1.
    const options = optionsOf(job, { calls: callsOptions(job, traffic), rehearse: false });
    return { options, iterate: grpcIteration(job, traffic, resolveSecret) };
  }
  let next: (iteration: number, stage: number) => PreparedRequest;
  try {
    next = readyRequests(job, requests, prepare);
  } catch (error) {
    // Told when the first iteration is asked for: what is thrown while k6 reads the script, it tells nobody but its log.
    return { options: optionsOf(job, {}), iterate: () => fail(error) };
  }
  const conclude = (expectation: CompiledExpectation, status: number, text: string | null): void => {
    const { outcome, failure, byStatus } = judgeResponse(expectation, status, text);
    judge(outcome, failure ?? '', byStatus ? status : 0);
  };

  return {
    options: optionsOf(job, {}),
    iterate: () => {
      const iteration = turn();
      if (iteration < 0) return;
      const { ready, exchanged } = next(iteration, stage());
      // Without an answer the engine's transport knows why.
      if (exchanged !== null) {
        const status = exchange(exchanged);
        if (status !== 0) conclude(ready.expectation, status, null);
        return;
      }
      if (!send(ready.name)) return;
      let response;
      try {
        response = request(ready.method, ready.url, ready.body, ready.parameters);
      } catch {
        return;
      }
      conclude(ready.expectation, response.status, (response.body ?? '').slice(0, bodyLimit));
    },
  };
}

interface PreparedRequest {
  readonly ready: ReadyRequest;
  /** Null where the body of the answer is looked at: k6/http reads it. */
  readonly exchanged: load.Request | null;
}

/** Where nobody looks at the body, the engine itself sends what k6/http would: for less CPU. */
function prepare(ready: ReadyRequest): PreparedRequest {
  const { name, method, url, body, parameters, wantsBody } = ready;
  const { headers, timeout } = parameters;
  return { ready, exchanged: wantsBody ? null : load.request(name, method, url, headers, body, timeout) };
}

/** Throws it. */
function fail(error: unknown): never {
  throw error;
}

/** k6's options; `own` are further settings of the executor. */
export function optionsOf({ plan, url }: GeneratorJob, own: Readonly<Record<string, unknown>>): LoadScript['options'] {
  const { connections, loadProfile, traffic } = plan;
  // Which authorities are trusted is settled outside of the script.
  const { certificateFile, keyFile, insecure } = connections.tls;
  return {
    scenarios: {
      load: {
        executor: 'open-loop',
        profile: loadProfile,
        seed: plan.seed,
        connections: connections.count,
        address: connections.keepAlive ? addressOf(url) : '',
        // Users wait for each other's connections at most; a dropped request would only make its user ask again at once.
        queueLimit: loadProfile.kind === 'open' ? connections.queueLimit : null,
        graceMs: plan.graceMs,
        endpoint: onlyEndpoint(traffic),
        rehearse: true,
        build: __ENV['PLIMSOLL_BUILD'] ?? null,
        ...own,
      },
    },
    discardResponseBodies: true,
    insecureSkipTLSVerify: insecure,
    ...(certificateFile === null || keyFile === null
      ? {}
      : { tlsAuth: [{ cert: open(certificateFile), key: open(keyFile) }] }),
    noConnectionReuse: !connections.keepAlive,
    systemTags: [],
    // Without it k6 logs a line for each request that fails.
    throw: true,
  };
}

/** The name of all requests; null where they have several. */
function onlyEndpoint(traffic: Traffic): string | null {
  if (traffic.kind !== 'endpoints' && traffic.kind !== 'grpc') return null;
  const [first, second] = traffic.endpoints;
  return first !== undefined && second === undefined ? first.name : null;
}

/** What the engine has to know of the methods: engine/calls/service.go. */
function callsOptions(
  { url, plan }: GeneratorJob,
  { endpoints, protoFiles, importPaths }: Extract<Traffic, { readonly kind: 'grpc' }>,
): Readonly<Record<string, unknown>> {
  const { keepAlive } = plan.connections;
  const methods = [...new Set(endpoints.map(({ method }) => method))];
  return { address: addressOf(url), secure: url.startsWith('https:'), keepAlive, protoFiles, importPaths, methods };
}

/** Host and port of an origin. */
function addressOf(url: string): string {
  const [, scheme, host, port] = /^(https?):\/\/(\[[^\]]*\]|[^:/]*)(?::(\d+))?/.exec(url) ?? [];
  return `${host}:${port ?? (scheme === 'https' ? '443' : '80')}`;
}
