import { type Random, seededRandom, streamSeed } from '../../../model/random.ts';
import type { Endpoint, HttpRequest, RequestInput, Requests } from '../../../model/traffic.ts';
import type { EndpointNames } from './endpoint-names.ts';
import { type CompiledExpectation, compileExpectation } from './expectation.ts';

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
  const faults: string[] = [];
  const makers = endpoints.map((endpoint) => {
    try {
      return endpointMaker(endpoint, rows, frame, names.indexOf(endpoint.name));
    } catch (error) {
      faults.push(`endpoint ${endpoint.name}: ${error instanceof Error ? error.message : String(error)}`);
      return null;
    }
  });
  const ready = makers.filter((maker) => maker !== null);
  if (faults.length > 0 || ready.length === 0) throw new Error(faults.join('\n') || 'no endpoint given');

  const [only] = ready;
  if (only !== undefined && ready.length === 1) return only;
  const sums: number[] = [];
  let total = 0;
  for (const endpoint of endpoints) sums.push((total += endpoint.weight));
  return (iteration, stage) => {
    const point = seededRandom(streamSeed(frame.seed, iteration)).next() * total;
    const chosen = ready[sums.findIndex((sum) => point < sum)] ?? ready.at(-1);
    if (chosen === undefined) throw new Error('no endpoint');
    return chosen(iteration, stage);
  };
}

/** Requests from a scenario's own function. What it throws goes to the caller. */
export function buildFromFunction(
  requests: Requests,
  prepared: unknown,
  frame: RequestFrame,
  names: EndpointNames,
): BuildRequest {
  const expectations = new Map<string, CompiledExpectation>();
  const compile = (expect: RequestInput['expect']): CompiledExpectation => {
    const expectation = { statuses: expect?.statuses ?? [], body: expect?.body ?? null };
    const key = JSON.stringify(expectation);
    const compiled = expectations.get(key) ?? compileExpectation(expectation);
    if (expectations.size < 500) expectations.set(key, compiled);
    return compiled;
  };
  const common = commonHeaders(frame);
  return (iteration, stage) => {
    const random: Random = seededRandom(streamSeed(frame.seed, iteration));
    const input = requests(iteration, random, prepared);
    const method = input.method ?? 'GET';
    const headers = Object.fromEntries(
      Object.entries(input.headers ?? {}).map(([name, value]) => [name, frame.secret(value)]),
    );
    return {
      endpoint: names.indexOf(input.name ?? `${method} ${input.path}`),
      bytes: requestText(
        { method, path: input.path, headers, body: input.body ?? null },
        common[stage] ?? '',
        frame.host,
      ),
      isHead: method === 'HEAD',
      expectation: compile(input.expect),
    };
  };
}

type Maker = (iteration: number, stage: number) => BuiltRequest;

function endpointMaker(
  endpoint: Endpoint,
  rows: readonly Readonly<Record<string, string>>[],
  frame: RequestFrame,
  index: number,
): Maker {
  const expectation = compileExpectation(endpoint.expect);
  const isHead = endpoint.method === 'HEAD';
  const common = commonHeaders(frame);
  // A secret is taken as it is: braces in it are not ours.
  const [secrets, templates] = [new Map<string, string>(), new Map<string, string>()];
  for (const [name, value] of Object.entries(endpoint.headers))
    if (frame.secret(value) === value) templates.set(name, value);
    else secrets.set(name, frame.secret(value));
  const texts = [endpoint.path, ...templates.values(), endpoint.body ?? ''];
  const columns = new Set(texts.flatMap((text) => [...text.matchAll(placeholder)].map(([, column]) => column ?? '')));
  const make = (row: Readonly<Record<string, string>>, stage: number): BuiltRequest => {
    const filled = {
      method: endpoint.method,
      path: fill(endpoint.path, row, encodeURIComponent),
      headers: Object.fromEntries([...secrets, ...[...templates].map(([name, value]) => [name, fill(value, row)])]),
      body: endpoint.body === null ? null : fill(endpoint.body, row),
    };
    return { endpoint: index, bytes: requestText(filled, common[stage] ?? '', frame.host), isHead, expectation };
  };

  for (const column of columns)
    if (rows.some((row) => row[column] === undefined))
      throw new Error(
        rows.length === 0 ? `{{${column}}} but there is no data` : `{{${column}}} is missing in the data`,
      );
  if (columns.size === 0) {
    const built = common.map((_, stage) => {
      const request = make({}, stage);
      return { ...request, bytes: Buffer.from(request.bytes) };
    });
    return (_, stage) => {
      const request = built[stage];
      if (request === undefined) throw new RangeError(`no stage ${stage}`);
      return request;
    };
  }
  if (rows.length === 0) throw new Error(`{{${[...columns].join('}}, {{')}}} but there is no data`);
  for (const row of rows) make(row, 0);
  return (iteration, stage) => make(rows[iteration % rows.length] ?? {}, stage);
}

/** In a URL each value is one component: a `&`, `#` or `/` in the data is data. */
function fill(
  text: string,
  row: Readonly<Record<string, string>>,
  encode: (value: string) => string = (value) => value,
): string {
  return text.replaceAll(placeholder, (_, column: string) => encode(row[column] ?? ''));
}

const placeholder = /\{\{\s*([^{}]+?)\s*\}\}/g;

/** The headers we add ourselves, one text per stage. */
function commonHeaders(frame: RequestFrame): readonly string[] {
  const connection = frame.keepAlive ? '' : 'Connection: close\r\n';
  const run = `${frame.runHeader}: ${frame.runId}\r\n`;
  return Array.from({ length: frame.stages }, (_, stage) => `${connection}${run}${frame.stageHeader}: ${stage}\r\n`);
}

/** Headers that belong to the connection or to the framing: ours, whatever the request says. */
const ours = new Set(['connection', 'content-length', 'transfer-encoding', 'expect', 'upgrade']);
const token = /^[!#$%&'*+.^_`|~\w-]+$/;
// oxlint-disable-next-line no-control-regex -- the bytes a header value must not contain
const forbiddenInValue = /[\u0000-\u0008\u000a-\u001f\u007f]/;
const methodsWithBody = new Set(['POST', 'PUT', 'PATCH']);

/** @throws Error where this can't be one HTTP/1.1 request (and so could smuggle a second one). */
function requestText(
  request: Pick<HttpRequest, 'method' | 'path' | 'headers' | 'body'>,
  common: string,
  host: string,
): string {
  if (!token.test(request.method)) throw new Error(`"${request.method}" is not a method`);
  if (request.method === 'CONNECT') throw new Error('CONNECT is not supported');
  if (!request.path.startsWith('/')) throw new Error(`path "${request.path}" does not start with /`);
  let head = `${request.method} ${requestTarget(request.path)} HTTP/1.1\r\n`;
  let hasHost = false;
  let own = '';
  for (const [name, value] of Object.entries(request.headers)) {
    if (!token.test(name) || forbiddenInValue.test(value)) throw new Error(`header "${name}" is malformed`);
    const lower = name.toLowerCase();
    if (ours.has(lower)) continue;
    if (lower === 'host') hasHost = true;
    own += `${name}: ${value}\r\n`;
  }
  if (!hasHost) head += `Host: ${host}\r\n`;
  head += common + own;
  if (request.body !== null) head += `Content-Length: ${Buffer.byteLength(request.body)}\r\n\r\n${request.body}`;
  else head += methodsWithBody.has(request.method) ? 'Content-Length: 0\r\n\r\n' : '\r\n';
  return head;
}

/** Percent-encodes what a request line can't hold (spaces, controls, non-ASCII); all else stays as written. */
function requestTarget(path: string): string {
  return /^[\u0021-\u007e]+$/.test(path)
    ? path
    : path.replaceAll(/[^\u0021-\u007e]+/gu, (part) => encodeURIComponent(part));
}
