import { join } from 'node:path';
import { articleLimits } from '../../analysis/sizing/pool/article-limits.ts';
import { articleSteps } from '../../analysis/sizing/pool/article-rule.ts';
import { sweepFiguresOf } from '../../analysis/sweep/sweep-figures-of.ts';
import type { Plan } from '../../model/plan.ts';
import type { RunOutcome } from '../../model/run-record.ts';
import type { SweepFigures } from '../../model/sweep-figures.ts';
import { composeSweep } from '../../reports/compose/compose-sweep.ts';
import { toMarkdown } from '../../reports/render/to-markdown.ts';
import { toTerminal } from '../../reports/render/to-terminal.ts';
import { writeWholeFile } from '../../runners/store/write-whole-file.ts';
import type { Terminal } from '../terminal.ts';
import { latestRuns } from './latest-runs.ts';
import type { SavedSweep } from './sweep-folder.ts';
import { designOf, sweptTarget } from './sweep-options.ts';
import { sweepOrder } from './sweep-order.ts';

/** A sweep in the forms it is shown in. */
export interface AnalyzedSweep {
  readonly figures: SweepFigures;
  readonly json: string;
  readonly terminal: (terminal: Pick<Terminal, 'colour' | 'width'>, reportPath: string) => string;
  readonly reportFile: string;
}

/** What the runs so far say, written beside them as `analysis.json`, `report.md` and `report.html`. */
export async function analyzeSweep({ stored, lines, path }: SavedSweep, outcome: RunOutcome): Promise<AnalyzedSweep> {
  const { id, startedAt, plan, options } = stored;
  const found = sweepFiguresOf(latestRuns(lines), sweepOrder(options), designOf(options), sweptTarget(plan));
  const figures = { ...found, pool: withArticle(found.pool, plan) };
  const unfinished = outcome.status === 'completed' ? null : outcome.reason;
  const document = composeSweep({ id, name: plan.name, startedAt, unfinished, figures });
  const json = `${JSON.stringify({ schema: 'plimsoll/sweep/1', sweep: id, name: plan.name, outcome, ...figures }, null, 2)}\n`;
  const reportFile = join(path, 'report.html');
  await writeWholeFile(join(path, 'analysis.json'), json);
  await writeWholeFile(join(path, 'report.md'), toMarkdown(document));
  await writeWholeFile(reportFile, await (await import('../../reports/render/to-html.ts')).toHtml(document));
  return {
    figures,
    json,
    terminal: ({ colour, width }, reportPath) => toTerminal(document, { colour, width, reportPath }),
    reportFile,
  };
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
