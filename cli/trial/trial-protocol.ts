import { z } from 'zod';
import { milliseconds, perSecond, ratio } from '../../model/units.ts';

/** The first line that a trial's process reads. `plan` is checked by the plan's own shape. */
export const trialJob = z.object({
  plan: z.unknown(),
  runsDirectory: z.string(),
  requestsModule: z.object({ code: z.string(), hash: z.string() }).nullable(),
  secrets: z.record(z.string(), z.string()),
  k6Binary: z.string().nullable(),
});
export type TrialJob = z.infer<typeof trialJob>;

const time = z.number().transform(milliseconds).nullable();
const rate = z.number().transform(perSecond);

const view = z.object({
  second: z.number(),
  stage: z.number(),
  offeredPerSecond: rate,
  achievedPerSecond: rate,
  p50Ms: time,
  p99Ms: time,
  errorRatio: z.number().transform(ratio),
  answers: z.number(),
  unexpectedStatus: z.object({ status: z.string(), share: z.number().transform(ratio) }).nullable(),
  latenessMs: time,
});

/** What it writes, one line each. */
export const trialMessage = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('say'), message: z.string() }),
  z.object({ kind: z.literal('folder'), path: z.string() }),
  z.object({ kind: z.literal('view'), view }),
  z.object({ kind: z.literal('done'), folder: z.string() }),
  z.object({
    kind: z.literal('failed'),
    phase: z.enum(['target', 'prepare', 'generator', 'load', 'store']),
    message: z.string(),
    hint: z.string(),
  }),
]);
export type TrialMessage = z.infer<typeof trialMessage>;
