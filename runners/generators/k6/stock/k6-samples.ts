import { z } from 'zod';
import { type FailureKind, type OutcomeKind, failureKinds } from '../../../../model/measurements.ts';
import { type EpochMilliseconds, type Milliseconds, epochMilliseconds, milliseconds } from '../../../../model/units.ts';

/** What stock k6 says of a request, in the words of script/stock-script.ts. */
export type K6Sample =
  | {
      readonly kind: 'begun';
      readonly second: number;
      readonly stage: number;
      readonly endpoint: string;
      /** Of the load. */
      readonly startedAt: EpochMilliseconds;
    }
  | {
      readonly kind: 'ended';
      readonly second: number;
      readonly stage: number;
      readonly endpoint: string;
      readonly outcome: Extract<OutcomeKind, 'done' | 'failed' | 'shed'>;
      readonly failure: FailureKind | null;
      /** Of the answer, where it decided the outcome. */
      readonly status: string | null;
      readonly sent: boolean;
      readonly openedConnection: boolean;
      readonly serviceTimeMs: Milliseconds;
    }
  | { readonly kind: 'dropped'; readonly at: EpochMilliseconds; readonly stage: number; readonly count: number };

const number = z.string().regex(/^\d+$/).transform(Number);
const point = <Metric extends string, Tags extends z.ZodType>(metric: Metric, tags: Tags) =>
  z.object({ metric: z.literal(metric), data: z.object({ time: z.string(), value: z.number(), tags }) });
const place = { second: number, stage: number, endpoint: z.string() };
const sample = z.discriminatedUnion('metric', [
  point('plimsoll_begun', z.object(place)),
  point(
    'plimsoll_ended',
    z.object({
      ...place,
      outcome: z.enum(['done', 'failed', 'shed']),
      failure: z.enum(failureKinds).optional(),
      status: z.string().optional(),
      sent: z.literal('1').optional(),
      opened: z.literal('1').optional(),
    }),
  ),
  // The number of the stage comes first in its scenario's name.
  point('dropped_iterations', z.object({ scenario: z.string().transform((name) => Number.parseInt(name, 10)) })),
]);

/** Most of k6's lines are of other metrics: they are not looked into. */
const ours = /^\{"metric":"(?:plimsoll_begun|plimsoll_ended|dropped_iterations)","type":"Point"/;

/** A line of k6's json output; null where it is of no interest. @throws Error where it is not what k6 writes */
export function decodeK6Sample(line: string): K6Sample | null {
  if (!ours.test(line)) return null;
  const { metric, data } = sample.parse(JSON.parse(line));
  switch (metric) {
    case 'plimsoll_begun':
      return { kind: 'begun', ...data.tags, startedAt: epochMilliseconds(data.value) };
    case 'plimsoll_ended': {
      const { failure = null, status = null, sent, opened, ...tags } = data.tags;
      return {
        kind: 'ended',
        ...tags,
        failure,
        status,
        sent: sent !== undefined,
        openedConnection: opened !== undefined,
        serviceTimeMs: milliseconds(data.value),
      };
    }
    case 'dropped_iterations':
      return {
        kind: 'dropped',
        at: epochMilliseconds(Date.parse(data.time)),
        stage: data.tags.scenario,
        count: data.value,
      };
    default:
      return metric satisfies never;
  }
}
