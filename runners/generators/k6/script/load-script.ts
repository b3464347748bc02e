import { type Parameters, request as send, setResponseCallback } from 'k6/http';
import * as load from 'k6/x/plimsoll';
import type { HttpRequest, Requests } from '../../../../model/traffic.ts';
import {
  type ChooseRequest,
  checkRequest,
  chooseFromEndpoints,
  chooseFromFunction,
  ownHeaders,
  requestTarget,
} from '../../choose-request.ts';
import { type CompiledExpectation, compileExpectation, judgeResponse } from '../../expectation.ts';
import type { GeneratorJob } from '../../port.ts';

/*
 * What k6 runs: the plan's traffic, one request per iteration. It is bundled for k6's JavaScript and so uses nothing of
 * Node. The engine says which request is due, this says what the request is and what its answer counts as.
 */

/** k6's: reads a file, while the script begins. */
declare function open(path: string): string;
/** k6's: the environment. */
// oxlint-disable-next-line no-underscore-dangle -- its name
declare const __ENV: Readonly<Record<string, string>>;

/** The first so many characters of a body are looked at. */
const bodyLimit = 1_048_576;
const mostExpectations = 500;

export interface LoadScript {
  readonly options: Readonly<Record<string, unknown>>;
  /** One iteration. */
  readonly iterate: () => void;
}

/** @param requests of the scenario's module; null where the plan has endpoints */
export function loadScript(job: GeneratorJob, requests: Requests | null): LoadScript {
  setResponseCallback(null);
  const { plan } = job;
  const choose = choiceOf(job, requests);
  const expectations = new Map<string, CompiledExpectation>();
  const compile = (expect: HttpRequest['expect']): CompiledExpectation => {
    const key = JSON.stringify(expect);
    const compiled = expectations.get(key) ?? compileExpectation(expect);
    if (expectations.size < mostExpectations) expectations.set(key, compiled);
    return compiled;
  };
  const common = plan.loadProfile.stages.map((_, stage) => ({
    [plan.headers.run]: job.runId,
    [plan.headers.stage]: `${stage}`,
  }));
  const ready = (request: HttpRequest, stage: number): ReadyRequest => {
    checkRequest(request);
    const expectation = compile(request.expect);
    const wantsBody = expectation.body !== null;
    return {
      name: request.name,
      method: request.method,
      url: job.url + requestTarget(request.path),
      body: request.body,
      parameters: {
        headers: { ...common[stage], ...Object.fromEntries(ownHeaders(request)) },
        timeout: plan.connections.requestTimeoutMs,
        redirects: 0,
        responseType: wantsBody ? 'text' : 'none',
      },
      expectation,
      wantsBody,
    };
  };
  const next = keepingFixed(choose, ready);

  return {
    options: optionsOf(job),
    iterate: () => {
      const turn = load.turn();
      if (turn < 0) return;
      const { name, method, url, body, parameters, expectation, wantsBody } = next(turn, load.stage());
      if (!load.send(name)) return;
      let response;
      try {
        response = send(method, url, body, parameters);
      } catch {
        // The engine's transport knows why.
        return;
      }
      const text = wantsBody ? (response.body ?? '').slice(0, bodyLimit) : null;
      const { outcome, failure, byStatus } = judgeResponse(expectation, response.status, text);
      load.judge(outcome, failure ?? '', byStatus ? response.status : 0);
    },
  };
}

function choiceOf({ plan, preparedFile }: GeneratorJob, requests: Requests | null): ChooseRequest {
  const settings = { seed: plan.seed, secret: resolveSecret };
  if (plan.traffic.kind === 'endpoints')
    return chooseFromEndpoints(plan.traffic.endpoints, plan.traffic.rows, settings);
  if (requests === null) throw new Error('the scenario’s module exports no function named requests');
  const prepared: unknown = preparedFile === null ? null : JSON.parse(open(preparedFile));
  return chooseFromFunction(requests, prepared, settings);
}

/** A request as k6 takes it. */
interface ReadyRequest {
  readonly name: string;
  readonly method: string;
  readonly url: string;
  readonly body: string | null;
  readonly parameters: Parameters;
  readonly expectation: CompiledExpectation;
  readonly wantsBody: boolean;
}

/** k6's interpreter is slow: what never changes is made once. */
function keepingFixed(
  choose: ChooseRequest,
  ready: (request: HttpRequest, stage: number) => ReadyRequest,
): (iteration: number, stage: number) => ReadyRequest {
  const kept = new Map<HttpRequest, Map<number, ReadyRequest>>();
  return (iteration, stage) => {
    const request = choose(iteration);
    if (!Object.isFrozen(request)) return ready(request, stage);
    let byStage = kept.get(request);
    if (byStage === undefined) kept.set(request, (byStage = new Map()));
    let made = byStage.get(stage);
    if (made === undefined) byStage.set(stage, (made = ready(request, stage)));
    return made;
  };
}

function optionsOf({ plan, url }: GeneratorJob): LoadScript['options'] {
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
        endpoint: traffic.kind === 'endpoints' && traffic.endpoints.length === 1 ? traffic.endpoints[0]?.name : null,
        build: __ENV['PLIMSOLL_BUILD'] ?? null,
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

/** Host and port of an origin. */
function addressOf(url: string): string {
  const [, scheme, host, port] = /^(https?):\/\/(\[[^\]]*\]|[^:/]*)(?::(\d+))?/.exec(url) ?? [];
  return `${host}:${port ?? (scheme === 'https' ? '443' : '80')}`;
}

function resolveSecret(value: string): string {
  if (!value.startsWith('env:')) return value;
  const name = value.slice('env:'.length);
  const secret = __ENV[name];
  if (secret === undefined) throw new Error(`the environment variable ${name} is not set`);
  return secret;
}
