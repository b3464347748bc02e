import type { Parameters } from 'k6/http';
import type { HttpRequest, Requests } from '../../../../model/traffic.ts';
import {
  type ChooseRequest,
  checkRequest,
  chooseFromEndpoints,
  chooseFromFunction,
  isOwnHeader,
  requestTarget,
} from '../../choose-request.ts';
import { type CompiledExpectation, keptExpectations } from '../../expectation.ts';
import { keepUnchanging } from '../../keep-unchanging.ts';
import type { GeneratorJob } from '../../port.ts';

/** k6's: reads a file, while the script begins. */
declare function open(path: string): string;
/** k6's: the environment. */
// oxlint-disable-next-line no-underscore-dangle -- its name
declare const __ENV: Readonly<Record<string, string>>;

/** The first so many characters of a body are looked at. */
export const bodyLimit = 1_048_576;

/** A request as k6 takes it. */
export interface ReadyRequest {
  readonly name: string;
  readonly method: string;
  readonly url: string;
  readonly body: string | null;
  readonly parameters: Parameters;
  readonly expectation: CompiledExpectation;
  readonly wantsBody: boolean;
}

/**
 * The request of an iteration that is due in a stage. k6's interpreter is slow: what never changes is made once.
 * @param requests of the scenario's module; null where the plan has endpoints
 * @param prepare makes what is sent of it
 */
export function readyRequests<Prepared>(
  job: GeneratorJob,
  requests: Requests | null,
  prepare: (request: ReadyRequest) => Prepared,
): (iteration: number, stage: number) => Prepared {
  const { plan } = job;
  const compile = keptExpectations();
  return keepUnchanging(choiceOf(job, requests), (request, stage) => {
    checkRequest(request);
    const expectation = compile(request.expect);
    const wantsBody = expectation.body !== null;
    return prepare({
      name: request.name,
      method: request.method,
      url: job.url + requestTarget(request.path),
      body: request.body,
      parameters: {
        headers: headersOf(job, request, stage),
        timeout: plan.connections.requestTimeoutMs,
        redirects: 0,
        responseType: wantsBody ? 'text' : 'none',
      },
      expectation,
      wantsBody,
    });
  });
}

/** By hand: an object spread into another costs k6's interpreter ten times as much. */
function headersOf(
  { plan, runId }: GeneratorJob,
  { headers }: Pick<HttpRequest, 'headers'>,
  stage: number,
): Record<string, string> {
  const all: Record<string, string> = { [plan.headers.run]: runId, [plan.headers.stage]: `${stage}` };
  const names = Object.keys(headers);
  for (let at = 0; at < names.length; at++) {
    const name = names[at] ?? '';
    if (isOwnHeader(name)) all[name] = headers[name] ?? '';
  }
  return all;
}

function choiceOf({ plan, preparedFile }: GeneratorJob, requests: Requests | null): ChooseRequest {
  const settings = { seed: plan.seed, secret: resolveSecret };
  if (plan.traffic.kind === 'endpoints')
    return chooseFromEndpoints(plan.traffic.endpoints, plan.traffic.rows, settings);
  if (requests === null) throw new Error('the scenario’s module exports no function named requests');
  const prepared: unknown = preparedFile === null ? null : JSON.parse(open(preparedFile));
  return chooseFromFunction(requests, prepared, settings);
}

/** What an `env:NAME` value stands for; any other is itself. @throws Error where the variable is not set */
export function resolveSecret(value: string): string {
  if (!value.startsWith('env:')) return value;
  const name = value.slice('env:'.length);
  const secret = __ENV[name];
  if (secret === undefined) throw new Error(`the environment variable ${name} is not set`);
  return secret;
}
