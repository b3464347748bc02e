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

/** What `plimsoll compare --json` printed, and the metrics that it calls worse. What is wrong with the file is noted. */
export async function readComparison(
  file: string,
  reasons: Reasons,
): Promise<{ readonly comparison: RegressionEvidence['comparison']; readonly worse: readonly string[] }> {
  const none = { comparison: null, worse: [] };
  const text = await reasons.gather(file, null, () => textOf(file));
  if (text === null) return none;
  try {
    const { metrics, verdict: whole } = shape.parse(JSON.parse(text));
    return {
      comparison: { file: basename(file), verdict: whole },
      worse: metrics.filter((metric) => metric.verdict === 'worse').map(({ name }) => `${name} is worse`),
    };
  } catch {
    reasons.add(file, 'is not what compare prints', 'write it by "plimsoll compare … --json"');
    return none;
  }
}
