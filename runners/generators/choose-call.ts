import type { GrpcEndpoint, GrpcExpectation } from '../../model/traffic.ts';
import type { Milliseconds } from '../../model/units.ts';
import { chooseByWeight } from './choose-by-weight.ts';
import type { RequestSettings } from './choose-request.ts';
import { checkTemplateColumns, template, templateColumns } from './template.ts';

/** One gRPC call as the engine makes it. */
export interface GrpcCall {
  readonly name: string;
  readonly method: string;
  /** JSON. */
  readonly message: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly deadlineMs: Milliseconds;
  readonly expect: GrpcExpectation;
}

type Row = Readonly<Record<string, string>>;

/** The n-th call of the run, by weight. One that never changes is the same frozen object each time. */
export function chooseCall(
  endpoints: readonly GrpcEndpoint[],
  rows: readonly Row[],
  { seed, secret }: RequestSettings,
): (iteration: number) => GrpcCall {
  const choices = endpoints.map((endpoint) => ({
    weight: endpoint.weight,
    choice: callsOf(endpoint, rows, secret),
  }));
  return chooseByWeight(choices, seed);
}

/** The calls of one endpoint: the n-th takes row n mod length. @throws Error where its columns are not in the data */
export function callsOf(
  endpoint: GrpcEndpoint,
  rows: readonly Row[],
  secret: RequestSettings['secret'],
): (iteration: number) => GrpcCall {
  const { name, method, message, metadata, deadlineMs, expect } = endpoint;
  // A secret is taken as it is: braces in it are not ours.
  const values = Object.entries(metadata).map(([key, value]) => ({ key, value, known: secret(value) }));
  const columns = templateColumns([
    message,
    ...values.filter(({ value, known }) => value === known).map((it) => it.value),
  ]);
  checkTemplateColumns(columns, rows);
  const text = template(message, insideJson);
  const metadataOf = values.map(({ key, value, known }) => ({
    key,
    fill: value === known ? template(value) : (): string => known,
  }));
  const make = (row: Row): GrpcCall => ({
    name,
    method,
    message: text(row),
    metadata: Object.fromEntries(metadataOf.map(({ key, fill }) => [key, fill(row)])),
    deadlineMs,
    expect,
  });
  if (columns.size > 0) return (iteration) => make(rows[iteration % rows.length] ?? {});
  const fixed = Object.freeze(make({}));
  return () => fixed;
}

/** A value inside a JSON text's quotes. */
const insideJson = (value: string): string => JSON.stringify(value).slice(1, -1);
