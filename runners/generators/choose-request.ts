import { messageOf } from '../../model/message-of.ts';
import { restartableRandom, streamSeed } from '../../model/random.ts';
import type { Endpoint, HttpRequest, RequestInput, Requests } from '../../model/traffic.ts';
import { chooseByWeight } from './choose-by-weight.ts';
import { compileExpectation } from './expectation.ts';
import { mapHeaders } from './map-headers.ts';
import { checkTemplateColumns, template, templateColumns } from './template.ts';

/*
 * Which request is the n-th: the same for every engine, so that the target sees the same traffic. It runs in Node and in
 * the JavaScript of k6, so it uses nothing of either.
 */

/** The n-th request of the run. A request that never changes is the same frozen object each time. */
export type ChooseRequest = (iteration: number) => HttpRequest;

export interface RequestSettings {
  readonly seed: number;
  /** Resolves `env:NAME` header values. @throws Error where the variable is not set. */
  readonly secret: (value: string) => string;
}

/** Requests from endpoint templates, by weight. @throws Error with every fault of the templates, one a line. */
export function chooseFromEndpoints(
  endpoints: readonly Endpoint[],
  rows: readonly Readonly<Record<string, string>>[],
  { seed, secret }: RequestSettings,
): ChooseRequest {
  const faults: string[] = [];
  const choices = endpoints.map((endpoint) => {
    try {
      return { weight: endpoint.weight, choice: fromTemplate(endpoint, rows, secret) };
    } catch (error) {
      faults.push(`endpoint ${endpoint.name}: ${messageOf(error)}`);
      return null;
    }
  });
  const ready = choices.filter((choice) => choice !== null);
  if (faults.length > 0 || ready.length === 0) throw new Error(faults.join('\n') || 'no endpoint given');

  return chooseByWeight(ready, seed);
}

/** Requests from a scenario's own function. What it throws goes to the caller. */
export function chooseFromFunction(
  requests: Requests,
  prepared: unknown,
  { seed, secret }: RequestSettings,
): ChooseRequest {
  const { random, restart } = restartableRandom();
  return (iteration) => {
    restart(streamSeed(seed, iteration));
    const input: RequestInput = requests(iteration, random, prepared);
    const method = input.method ?? 'GET';
    return {
      name: input.name ?? `${method} ${input.path}`,
      method,
      path: input.path,
      headers: input.headers === undefined ? noHeaders : mapHeaders(input.headers, (_, value) => secret(value)),
      body: input.body ?? null,
      expect: { statuses: input.expect?.statuses ?? [], body: input.expect?.body ?? null },
    };
  };
}

const noHeaders: HttpRequest['headers'] = {};

function fromTemplate(
  endpoint: Endpoint,
  rows: readonly Readonly<Record<string, string>>[],
  secret: (value: string) => string,
): ChooseRequest {
  // A secret is taken as it is: braces in it are not ours.
  const isOurs = (value: string): boolean => secret(value) === value;
  const texts = [endpoint.path, ...Object.values(endpoint.headers).filter(isOurs), endpoint.body ?? ''];
  const columns = templateColumns(texts);
  const { name, method, expect } = endpoint;
  compileExpectation(expect);
  const path = template(endpoint.path, encodeURIComponent);
  const headers = new Map(
    Object.entries(endpoint.headers).map(([header, value]) => {
      const known = secret(value);
      return [header, isOurs(value) ? template(value) : (): string => known];
    }),
  );
  const body = endpoint.body === null ? null : template(endpoint.body);
  const make = (row: Readonly<Record<string, string>>): HttpRequest => ({
    name,
    method,
    path: path(row),
    headers: mapHeaders(endpoint.headers, (header) => headers.get(header)?.(row) ?? ''),
    body: body === null ? null : body(row),
    expect,
  });

  checkTemplateColumns(columns, rows);
  if (columns.size === 0) {
    const fixed = Object.freeze(make({}));
    checkRequest(fixed);
    return () => fixed;
  }
  for (const row of rows) checkRequest(make(row));
  return (iteration) => make(rows[iteration % rows.length] ?? {});
}

/** Headers that belong to the connection or to the framing: ours, whatever the request says. */
const ours = new Set(['connection', 'content-length', 'transfer-encoding', 'expect', 'upgrade']);
const token = /^[!#$%&'*+.^_`|~\w-]+$/;
// oxlint-disable-next-line no-control-regex -- the bytes a header value must not contain
const forbiddenInValue = /[\u0000-\u0008\u000a-\u001f\u007f]/;

/** Whether a header of a request goes out with it: not where it is the engine's own. */
export const isOwnHeader = (name: string): boolean => !ours.has(name.toLowerCase());

/** The headers of a request that go out with it, without those that are the engine's own. */
export function ownHeaders({ headers }: Pick<HttpRequest, 'headers'>): [name: string, value: string][] {
  return Object.entries(headers).filter(([name]) => isOwnHeader(name));
}

/** @throws Error where this can't be one HTTP/1.1 request (and so could smuggle a second one). */
export function checkRequest(request: Pick<HttpRequest, 'method' | 'path' | 'headers'>): void {
  if (!token.test(request.method)) throw new Error(`"${request.method}" is not a method`);
  if (request.method === 'CONNECT') throw new Error('CONNECT is not supported');
  if (!request.path.startsWith('/')) throw new Error(`path "${request.path}" does not start with /`);
  const names = Object.keys(request.headers);
  if (names.length === 0) return;
  // Looked at all together: each look costs k6's interpreter more than the length of the text.
  if (names.every(isToken) && !forbiddenInValue.test(Object.values(request.headers).join(''))) return;
  for (const [name, value] of Object.entries(request.headers))
    if (!token.test(name) || forbiddenInValue.test(value)) throw new Error(`header "${name}" is malformed`);
}

const isToken = (name: string): boolean => token.test(name);

/** Percent-encodes what a request line can't hold (spaces, controls, non-ASCII); all else stays as written. */
export function requestTarget(path: string): string {
  return /^[\u0021-\u007e]+$/.test(path)
    ? path
    : path.replaceAll(/[^\u0021-\u007e]+/gu, (part) => encodeURIComponent(part));
}
