import type { Endpoint, HttpRequest, Requests } from '../../../model/traffic.ts';
import {
  type ChooseRequest,
  checkRequest,
  chooseFromEndpoints,
  chooseFromFunction,
  ownHeaders,
  requestTarget,
} from '../choose-request.ts';
import { type CompiledExpectation, keptExpectations } from '../expectation.ts';
import { keepUnchanging } from '../keep-unchanging.ts';
import type { EndpointNames } from './endpoint-names.ts';

/** A request as it goes over the wire. */
export interface BuiltRequest {
  readonly endpoint: number;
  /** Head and body. */
  readonly bytes: Buffer | string;
  readonly isHead: boolean;
  readonly expectation: CompiledExpectation;
}

/** The n-th request of the run, due in a stage. Null where it could not be built (see `requestErrors`). */
export type BuildRequest = (iteration: number, stage: number) => BuiltRequest;

/** What all requests have in common. */
export interface RequestFrame {
  /** Value of the Host header. */
  readonly host: string;
  readonly keepAlive: boolean;
  readonly runHeader: string;
  readonly runId: string;
  readonly stageHeader: string;
  readonly stages: number;
  readonly seed: number;
  /** Resolves `env:NAME` header values. @throws Error where the variable is not set. */
  readonly secret: (value: string) => string;
}

/** Requests from endpoint templates. @throws Error with every fault of the templates, one a line. */
export function buildFromEndpoints(
  endpoints: readonly Endpoint[],
  rows: readonly Readonly<Record<string, string>>[],
  frame: RequestFrame,
  names: EndpointNames,
): BuildRequest {
  return buildChosen(chooseFromEndpoints(endpoints, rows, frame), frame, names);
}

/** Requests from a scenario's own function. What it throws goes to the caller. */
export function buildFromFunction(
  requests: Requests,
  prepared: unknown,
  frame: RequestFrame,
  names: EndpointNames,
): BuildRequest {
  return buildChosen(chooseFromFunction(requests, prepared, frame), frame, names);
}

function buildChosen(choose: ChooseRequest, frame: RequestFrame, names: EndpointNames): BuildRequest {
  const common = commonHeaders(frame);
  const compile = keptExpectations();
  return keepUnchanging(choose, (request, stage, isKept) => {
    const text = requestText(request, common[stage] ?? '', frame.host);
    return {
      endpoint: names.indexOf(request.name),
      bytes: isKept ? Buffer.from(text) : text,
      isHead: request.method === 'HEAD',
      expectation: compile(request.expect),
    };
  });
}

/** The headers we add ourselves, one text per stage. */
function commonHeaders(frame: RequestFrame): readonly string[] {
  const connection = frame.keepAlive ? '' : 'Connection: close\r\n';
  const run = `${frame.runHeader}: ${frame.runId}\r\n`;
  return Array.from({ length: frame.stages }, (_, stage) => `${connection}${run}${frame.stageHeader}: ${stage}\r\n`);
}

const methodsWithBody = new Set(['POST', 'PUT', 'PATCH']);

/** @throws Error where this can't be one HTTP/1.1 request */
function requestText(request: HttpRequest, common: string, host: string): string {
  checkRequest(request);
  let head = `${request.method} ${requestTarget(request.path)} HTTP/1.1\r\n`;
  let hasHost = false;
  let own = '';
  for (const [name, value] of ownHeaders(request)) {
    if (name.toLowerCase() === 'host') hasHost = true;
    own += `${name}: ${value}\r\n`;
  }
  if (!hasHost) head += `Host: ${host}\r\n`;
  head += common + own;
  if (request.body !== null) head += `Content-Length: ${Buffer.byteLength(request.body)}\r\n\r\n${request.body}`;
  else head += methodsWithBody.has(request.method) ? 'Content-Length: 0\r\n\r\n' : '\r\n';
  return head;
}
