import type { GrpcCallInput, Scenario, TrafficInput } from '../model/scenario.ts';
import type { GrpcEndpoint, Traffic } from '../model/traffic.ts';
import { type Milliseconds, parseDuration, seconds } from '../model/units.ts';
import { checkColumns, checkNames } from './endpoint-faults.ts';
import { joinedPath } from './joined-path.ts';
import { parseGrpcExpectation } from './parse-grpc-expectation.ts';
import type { Reasons } from './reasons.ts';

type Row = Readonly<Record<string, string>>;

/** Unary calls as data. What the messages look like is not known here: the engine checks them before the load. */
export function planGrpcTraffic(
  scenario: Scenario,
  traffic: Extract<TrafficInput, { readonly grpc: unknown }>,
  rows: readonly Row[],
  workingDirectory: string,
  reasons: Reasons,
): Traffic {
  const longest =
    scenario.timeout === undefined
      ? seconds(10)
      : reasons.collect('timeout', seconds(10), () => parseDuration(scenario.timeout ?? ''));
  const endpoints = traffic.grpc.map((input, index) =>
    planCall(input, `traffic.grpc[${index}]`, rows, longest, reasons),
  );
  checkNames('traffic.grpc', endpoints, reasons);
  checkHttpPaths(scenario, reasons);
  return {
    kind: 'grpc',
    endpoints,
    rows,
    protoFiles: [traffic.proto ?? []].flat(),
    importPaths: [traffic.protoPath ?? '.'].flat().map((folder) => joinedPath(workingDirectory, folder)),
  };
}

function planCall(
  input: GrpcCallInput,
  where: string,
  rows: readonly Row[],
  longest: Milliseconds,
  reasons: Reasons,
): GrpcEndpoint {
  const message = JSON.stringify(input.message ?? {});
  checkColumns(where, [message, ...Object.values(input.metadata ?? {})], rows, reasons);
  const deadlineMs =
    input.deadline === undefined
      ? longest
      : reasons.collect(`${where}.deadline`, longest, () => parseDuration(input.deadline ?? ''));
  if (deadlineMs > longest)
    reasons.add(
      `${where}.deadline`,
      `a deadline of ${input.deadline} is later than the timeout`,
      `the timeout is ${longest} ms: write a longer one (timeout, --timeout)`,
    );
  return {
    name: input.name ?? input.method,
    weight: input.weight ?? 1,
    method: input.method,
    message,
    metadata: input.metadata ?? {},
    deadlineMs,
    expect: reasons.collect(`${where}.expect`, { codes: [], body: null }, () =>
      parseGrpcExpectation(input.expect ?? ''),
    ),
  };
}

/** Readiness, metrics and profiles are asked by HTTP/1.1, which no gRPC server answers at its own address. */
function checkHttpPaths({ target, collect = {} }: Scenario, reasons: Reasons): void {
  if (typeof target === 'object' && target.ready !== undefined)
    reasons.add(
      'target.ready',
      'is asked by HTTP/1.1, and the target speaks gRPC',
      'leave it out: the load begins when the target takes connections',
    );
  for (const field of ['metrics', 'expvar', 'pprof'] as const)
    for (const url of [collect[field] ?? []].flat())
      if (url.startsWith('/'))
        reasons.add(
          `collect.${field}`,
          `"${url}" would be asked by HTTP/1.1 where the target speaks gRPC`,
          'write the whole URL of the port that serves it: http://host:port/…',
        );
}
