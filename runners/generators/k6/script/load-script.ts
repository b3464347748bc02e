import { request as send, setResponseCallback } from 'k6/http';
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
  const settings = { seed: plan.seed, secret: resolveSecret };
  const choose: ChooseRequest =
    requests === null
      ? chooseFromEndpoints(...endpointsOf(job), settings)
      : chooseFromFunction(requests, job.preparedFile === null ? null : JSON.parse(open(job.preparedFile)), settings);
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

  return {
    options: optionsOf(job),
    iterate: () => {
      const turn = load.turn();
      if (turn < 0) return;
      const request = choose(turn);
      checkRequest(request);
      const expectation = compile(request.expect);
      const wantsBody = expectation.body !== null;
      const parameters = {
        headers: { ...common[load.stage()], ...Object.fromEntries(ownHeaders(request)) },
        timeout: plan.connections.requestTimeoutMs,
        redirects: 0,
        responseType: wantsBody ? ('text' as const) : ('none' as const),
      };
      if (!load.send(request.name)) return;
      let response;
      try {
        response = send(request.method, job.url + requestTarget(request.path), request.body, parameters);
      } catch {
        // The engine's transport knows why.
        return;
      }
      const body = wantsBody ? (response.body ?? '').slice(0, bodyLimit) : null;
      const { outcome, failure, byStatus } = judgeResponse(expectation, response.status, body);
      load.judge(outcome, failure ?? '', byStatus ? response.status : 0);
    },
  };
}

function endpointsOf({
  plan: { traffic },
}: GeneratorJob): Parameters<typeof chooseFromEndpoints> extends [infer Endpoints, infer Rows, unknown]
  ? [Endpoints, Rows]
  : never {
  if (traffic.kind !== 'endpoints') throw new Error('the scenario’s module exports no function named requests');
  return [traffic.endpoints, traffic.rows];
}

function optionsOf({ plan, url }: GeneratorJob): LoadScript['options'] {
  const { connections, loadProfile, traffic } = plan;
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
