import { basename } from 'node:path';
import { z } from 'zod';
import type { RegressionEvidence } from '../../analysis/sign-off/sign-off-asked.ts';
import { textOf } from '../../scenarios/load-scenario-file.ts';
import type { Reasons } from '../../scenarios/reasons.ts';

const verdict = z.enum(['same', 'better', 'worse', 'inconclusive']);
const shape = z.object({
  schema: z.literal('plimsoll/compare/1'),
  metrics: z.array(z.object({ name: z.string(), verdict })).min(1),
  verdict,
});
/** A gate with limits against a reference. */
const gateShape = z.object({
  schema: z.literal('plimsoll/gate/1'),
  checks: z.array(z.object({ id: z.string(), kind: z.string(), status: z.string() })),
  verdict: z.object({ status: z.enum(['pass', 'fail', 'inconclusive']) }),
});

interface Read {
  readonly comparison: RegressionEvidence['comparison'];
  readonly worse: readonly string[];
}

/**
 * What `compare --json` printed, or `gate --json` with limits against a reference; and what is worse by it. What is wrong
 * with the file is noted.
 */
export async function readComparison(file: string, reasons: Reasons): Promise<Read> {
  const none = { comparison: null, worse: [] };
  const text = await reasons.gather(file, null, () => textOf(file));
  if (text === null) return none;
  try {
    return compared(basename(file), JSON.parse(text));
  } catch {
    reasons.add(
      file,
      'is not what compare or a gate with limits against a reference prints',
      'write it by "plimsoll compare … --json" or "plimsoll gate … --reference … --json"',
    );
    return none;
  }
}

/** @throws SyntaxError, z.ZodError */
function compared(file: string, data: unknown): Read {
  const gate = gateShape.safeParse(data);
  if (!gate.success) {
    const { metrics, verdict: whole } = shape.parse(data);
    return {
      comparison: { file, verdict: whole },
      worse: metrics.filter((metric) => metric.verdict === 'worse').map(({ name }) => `${name} is worse`),
    };
  }
  const relative = z.array(z.object({ id: z.string(), status: z.string() })).min(1);
  const limits = relative.parse(gate.data.checks.filter(({ kind }) => kind === 'relative'));
  const verdicts = { pass: 'same', fail: 'worse', inconclusive: 'inconclusive' } as const;
  return {
    comparison: { file, verdict: verdicts[gate.data.verdict.status] },
    worse: limits.filter(({ status }) => status === 'fail').map(({ id }) => `${id} was missed`),
  };
}
