import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { messageOf } from '../../../model/message-of.ts';
import { milliseconds, perSecond } from '../../../model/units.ts';
import { protocolVersion } from '../port.ts';
import { GeneratorFailure } from './generator-failure.ts';

const count = z.number().int().nonnegative();
const duration = z.number().nonnegative().transform(milliseconds);
const rate = z.number().nonnegative().transform(perSecond);
const texts = z.record(z.string(), z.string());
const stageKind = z.enum(['warm-up', 'hold', 'ramp', 'cool-down']);

const loadProfile = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('open'),
    arrivals: z.enum(['even', 'poisson']),
    stages: z
      .array(
        z.object({ name: z.string(), kind: stageKind, startPerSecond: rate, endPerSecond: rate, durationMs: duration }),
      )
      .min(1),
  }),
  z.object({
    kind: z.literal('closed'),
    stages: z.array(z.object({ name: z.string(), kind: stageKind, users: count, durationMs: duration })).min(1),
    thinkTimeMs: duration,
  }),
]);

const traffic = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('endpoints'),
    endpoints: z
      .array(
        z.object({
          name: z.string(),
          weight: z.number().positive(),
          method: z.string(),
          path: z.string(),
          headers: texts,
          body: z.string().nullable(),
          expect: z.object({ statuses: z.array(z.number().int()), body: z.string().nullable() }),
        }),
      )
      .min(1),
    rows: z.array(texts),
  }),
  z.object({ kind: z.literal('module') }),
]);

/** Of the job, only what this engine needs; all else of the plan is the conductor's. */
const job = z.object({
  protocol: z.literal(protocolVersion),
  runId: z.string(),
  url: z.url(),
  requestsFile: z.string().nullable(),
  preparedFile: z.string().nullable(),
  plan: z.object({
    seed: z.number(),
    traffic,
    loadProfile,
    connections: z.object({
      count: z.number().int().positive(),
      keepAlive: z.boolean(),
      requestTimeoutMs: duration,
      queueLimit: count,
    }),
    headers: z.object({ run: z.string(), stage: z.string() }),
    graceMs: duration,
  }),
});

export type AutocannonJob = z.output<typeof job>;

/** @throws GeneratorFailure with every fault of the file at once. */
export function readJob(file: string): AutocannonJob {
  const hint = 'the conductor writes this file (runners/generators/port.ts); please report this as a bug';
  let data: unknown;
  try {
    data = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new GeneratorFailure(`the job file can't be read: ${messageOf(error)}`, hint);
  }
  const decoded = job.safeParse(data);
  if (decoded.success) return decoded.data;
  const faults = decoded.error.issues.map((issue) => `${issue.path.join('.') || 'job'}: ${issue.message}`);
  throw new GeneratorFailure(`the job file is not valid: ${faults.join('; ')}`, hint);
}
