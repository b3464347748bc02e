import { join } from 'node:path';
import { articleLimits } from '../../analysis/sizing/pool/article-limits.ts';
import { articleSteps } from '../../analysis/sizing/pool/article-rule.ts';
import { sweepFiguresOf } from '../../analysis/sweep/sweep-figures-of.ts';
import type { Plan } from '../../model/plan.ts';
import type { RunOutcome } from '../../model/run-record.ts';
import type { SweepFigures } from '../../model/sweep-figures.ts';
import { composeSweep } from '../../reports/compose/compose-sweep.ts';
import { writeWholeFile } from '../../runners/store/write-whole-file.ts';
import { UsageError } from '../present-failure.ts';
import { type RenderedRun, renderDocument } from '../render-run.ts';
import { latestRuns } from './latest-runs.ts';
import type { SavedSweep } from './sweep-folder.ts';
import { designOf, sweptTarget } from './sweep-options.ts';
import { sweepOrder } from './sweep-order.ts';

/** A sweep in the forms it is shown in. */
export interface AnalyzedSweep {
  readonly figures: SweepFigures;
  readonly rendered: RenderedRun;
  readonly reportFile: string;
}

/** What the runs so far say. Writes nothing. */
export function readSweep({ stored, lines, path }: SavedSweep, outcome: RunOutcome): AnalyzedSweep {
  const { id, startedAt, plan, options } = stored;
  const found = sweepFiguresOf(latestRuns(lines), sweepOrder(options), designOf(options), sweptTarget(plan));
  const figures = { ...found, pool: withArticle(found.pool, plan) };
  const unfinished = outcome.status === 'completed' ? null : outcome.reason;
  return {
    figures,
    rendered: renderDocument(composeSweep({ id, name: plan.name, startedAt, unfinished, figures }), {
      // The same document whichever verb prints it: it is no run.
      json: () =>
        `${JSON.stringify({ schema: 'plimsoll/sweep/1', sweep: id, name: plan.name, outcome, ...figures }, null, 2)}\n`,
      suite: () => {
        throw new UsageError('a sweep compares cells and has no verdict', 'report its runs one by one');
      },
    }),
    reportFile: join(path, 'report.html'),
  };
}

/** The same, written beside the runs as `analysis.json`, `report.md` and `report.html`. */
export async function analyzeSweep(saved: SavedSweep, outcome: RunOutcome): Promise<AnalyzedSweep> {
  const analyzed = readSweep(saved, outcome);
  const { rendered, reportFile } = analyzed;
  await writeWholeFile(join(saved.path, 'analysis.json'), rendered.json('sweep'));
  await writeWholeFile(join(saved.path, 'report.md'), rendered.markdown());
  await writeWholeFile(reportFile, await rendered.html());
  return analyzed;
}

/** The article's rule beside each step of an adaptive sweep, where the plan says what the rule would go by. */
function withArticle(pool: SweepFigures['pool'], plan: Plan): SweepFigures['pool'] {
  const limits = articleLimits(plan);
  return pool === null || limits === null
    ? pool
    : {
        ...pool,
        article: articleSteps(
          pool.decisions.map(({ cell }) => cell),
          limits,
        ),
      };
}
