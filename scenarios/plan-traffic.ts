import type { EndpointInput, Scenario } from '../model/scenario.ts';
import type { Endpoint, Traffic } from '../model/traffic.ts';
import type { Reasons } from './reasons.ts';
import { checkColumns, checkNames } from './endpoint-faults.ts';
import { planGrpcTraffic } from './plan-grpc-traffic.ts';
import { parseExpectation } from './parse-expectation.ts';
import { planK6Script } from './plan-k6-script.ts';

type Row = Readonly<Record<string, string>>;

/** The bundled module of a `requests` function or k6 script, as far as the plan names it. */
export interface RequestsModuleFacts {
  readonly hash: string;
  readonly endpoints: readonly string[];
  readonly hasPrepare: boolean;
}

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/** The traffic as data; `rows` are those of a data file, read already. Faults go to `reasons`. */
export function planTraffic(
  scenario: Scenario,
  facts: {
    readonly requestsModule: RequestsModuleFacts | null;
    readonly rows: readonly Row[] | null;
    readonly workingDirectory: string;
  },
  reasons: Reasons,
): Traffic {
  const { traffic } = scenario;
  if ('k6Script' in traffic) {
    if (scenario.prepare !== undefined)
      reasons.add(
        'prepare',
        'a k6 script cannot use what prepare gives',
        'log in inside the script: what a module keeps, each of its virtual users keeps',
      );
    return planK6Script(traffic, facts.requestsModule?.hash ?? '', facts.workingDirectory);
  }
  if ('requests' in traffic) {
    const { hash, endpoints, hasPrepare } = facts.requestsModule ?? { hash: '', endpoints: [], hasPrepare: false };
    return { kind: 'module', file: `requests-${hash}.mjs`, hash, endpoints, hasPrepare };
  }
  const rows = facts.rows ?? (typeof traffic.data === 'object' ? traffic.data : []);
  if (scenario.prepare !== undefined)
    reasons.add(
      'prepare',
      'endpoints cannot use what prepare gives',
      'write traffic as a requests function, whose third argument it is',
    );
  if ('grpc' in traffic) return planGrpcTraffic(scenario, traffic, rows, facts.workingDirectory, reasons);
  const endpoints = traffic.endpoints.map((input, index) =>
    planEndpoint(input, `traffic.endpoints[${index}]`, rows, reasons),
  );
  checkNames('traffic.endpoints', endpoints, reasons);
  return { kind: 'endpoints', endpoints, rows };
}

function planEndpoint(input: EndpointInput, where: string, rows: readonly Row[], reasons: Reasons): Endpoint {
  const method = (input.method ?? 'GET').toUpperCase();
  if (!methods.includes(method))
    reasons.add(`${where}.method`, `"${input.method}" is not a method`, `one of ${methods.join(', ')}`);
  if (!input.path.startsWith('/'))
    reasons.add(`${where}.path`, `"${input.path}" does not begin with /`, 'write the path from the root: /orders');
  if (/[\s#]/.test(input.path.replaceAll(/\{\{[^}]*\}\}/g, '')))
    reasons.add(`${where}.path`, `"${input.path}" holds a blank or #`, 'encode it: %20, %23');
  for (const [name, value] of Object.entries(input.headers ?? {}))
    if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name) || /[\r\n\0]/.test(value))
      reasons.add(`${where}.headers`, `"${name}" is not a header that can be sent`, "write 'Name: value' on one line");
  checkColumns(where, [input.path, input.body ?? '', ...Object.values(input.headers ?? {})], rows, reasons);
  return {
    name: input.name ?? `${method} ${input.path}`,
    weight: input.weight ?? 1,
    method,
    path: input.path,
    headers: input.headers ?? {},
    body: input.body ?? null,
    expect: reasons.collect(`${where}.expect`, { statuses: [], body: null }, () =>
      parseExpectation(input.expect ?? ''),
    ),
  };
}
