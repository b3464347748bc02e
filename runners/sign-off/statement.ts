import { z } from 'zod';
import { type SignOff, type Subject, checkIds, requiredTests } from '../../model/sign-off.ts';
import { bytes, perSecond } from '../../model/units.ts';

/* An in-toto Statement v1 whose predicate is a capacity sign-off (in-toto/attestation, spec/v1/statement.md). */

const statementType = 'https://in-toto.io/Statement/v1';
/** Version 1 of the predicate that docs/sign-off.md describes. */
export const predicateType = 'urn:plimsoll:capacity-sign-off:v1';

export interface Statement {
  readonly subject: readonly Subject[];
  readonly predicate: SignOff;
}

export function encodeStatement({ subject, predicate }: Statement): Uint8Array {
  return Buffer.from(JSON.stringify({ _type: statementType, subject, predicateType, predicate }), 'utf8');
}

const rate = z.number().positive().transform(perSecond);
const hash = z.string().regex(/^[0-9a-f]{64}$/);
const instant = z.iso.datetime();
const texts = z.array(z.string());
const digest = z.record(z.string(), z.string());
const judged = z.enum(['pass', 'fail', 'inconclusive']);
const checkId = z.enum(checkIds);

const signOffShape: z.ZodType<SignOff> = z.object({
  result: z.enum(['PASSED', 'WARNED', 'FAILED']),
  configuration: z.array(z.object({ name: z.string(), digest })),
  passedTests: texts,
  warnedTests: texts,
  failedTests: texts,
  verdict: z.enum(['PASS', 'FAIL', 'INCONCLUSIVE']),
  service: z.string(),
  plimsollVersion: z.string(),
  policy: z.object({ name: z.string(), sha256: hash }).nullable(),
  trafficTarget: z.object({ ratePerSecond: rate, source: z.string().nullable(), date: z.string().nullable() }),
  instances: z.object({ planned: z.int().positive().nullable(), survive: z.int().nonnegative() }),
  environment: z.record(z.string(), z.string().nullable()),
  runs: z.array(
    z.object({
      id: z.string(),
      kind: z.enum(['run', 'search']),
      name: z.string(),
      test: z.enum(requiredTests).nullable(),
      startedAt: instant,
      outcome: z.string(),
      verdict: judged,
      folder: z.string(),
    }),
  ),
  safeRatePerInstance: z
    .object({
      estimate: rate,
      low: rate,
      high: rate.nullable(),
      confidence: z.number().nullable(),
      method: z.string(),
      run: z.string(),
    })
    .nullable(),
  levels: z.object({ greenPerSecond: rate, yellowPerSecond: rate, redPerSecond: rate }).nullable(),
  headroom: z.array(
    z.object({
      instances: z.int().positive(),
      lost: z.int().nonnegative(),
      ratePerInstancePerSecond: rate,
      share: z.object({ estimate: z.number(), low: z.number(), high: z.number().nullable() }).nullable(),
      required: z.boolean(),
      status: judged,
    }),
  ),
  settings: z.array(z.object({ name: z.string(), value: z.string(), testedBy: z.string().nullable() })),
  openRegressions: texts,
  waivers: z.array(z.object({ owner: z.string(), reason: z.string(), scope: checkId, expires: instant })),
  validity: z.object({
    from: instant,
    expires: instant,
    commit: z.string().nullable(),
    environmentSha256: hash,
    settingsSha256: hash,
    forecastUpToPerSecond: rate,
  }),
  approvers: texts,
  checklist: z.array(
    z.object({
      id: checkId,
      trigger: z.string(),
      method: z.string(),
      status: z.enum(['pass', 'fail', 'inconclusive', 'waived', 'not-applicable']),
      evidence: z.string(),
      runs: texts,
      waiver: z.string().nullable(),
    }),
  ),
  artifacts: z.array(z.object({ name: z.string(), bytes: z.int().nonnegative().transform(bytes), sha256: hash })),
});

const statementShape = z.object({
  _type: z.literal(statementType),
  subject: z.array(z.object({ name: z.string(), digest })).min(1),
  predicateType: z.literal(predicateType),
  predicate: signOffShape,
});

/** The statement, or why it is none of ours. Keys that are not known are left out, as in-toto wants it. */
export function decodeStatement(payload: Uint8Array): Statement | string {
  let data: unknown;
  try {
    data = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload));
  } catch {
    return 'what was signed is no JSON';
  }
  const read = statementShape.safeParse(data);
  if (read.success) return { subject: read.data.subject, predicate: read.data.predicate };
  const [first] = read.error.issues;
  return `what was signed is no capacity sign-off of this version: ${first?.path.map(String).join('.') ?? ''}: ${first?.message ?? ''}`;
}
