import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Analysis } from '../analysis/analysis.ts';
import { analyze } from '../analysis/analyze.ts';
import type { RunRecord } from '../model/run-record.ts';
import { conductRun } from '../runners/conduct-run.ts';
import { autocannonEngine } from '../runners/generators/autocannon/engine.ts';
import { allowedProcessors, formatProcessorSet, pinOwnProcess } from '../runners/target/processor-sets.ts';
import { realWorld } from '../runners/world.ts';
import type { CommandContext } from './command.ts';
import type { PlannedRun } from './plan-from-arguments.ts';
import { StatusLine } from './status-line.ts';
import { renderHtml, renderJson } from './render-analysis.ts';

/** A run that is over: what was measured, what it means, where it is. */
export interface CarriedOutRun {
  readonly record: RunRecord;
  readonly analysis: Analysis;
  readonly folder: string;
  readonly reportFile: string;
}

/**
 * Plan → run → analysis → `analysis.json` and `report.html` in the run folder. The status line is drawn on the way;
 * plimsoll itself runs on the generator's processors meanwhile, so that it takes nothing from the target.
 */
export async function carryOutRun(
  { plan, requestsModule, secrets }: PlannedRun,
  context: CommandContext,
  verb: string,
): Promise<CarriedOutRun> {
  const { terminal, interrupted, runsDirectory } = context;
  const status = new StatusLine(process.stderr, terminal.quiet);
  const world = realWorld({ say: (message) => status.say(message), interrupted });
  for (const { message } of plan.warnings) status.say(`note: ${message}`);
  const before = formatProcessorSet(await allowedProcessors());
  if (plan.processors.generator !== null) await pinOwnProcess(plan.processors.generator);
  try {
    const { record, folder } = await conductRun({
      world,
      plan,
      engine: autocannonEngine,
      runsDirectory,
      requestsModule,
      secrets,
      onView: (view) => status.progress(plan, view),
    });
    status.clear();
    const analysis = analyzeRun(record, folder);
    const reportFile = join(folder, 'report.html');
    await writeFile(join(folder, 'analysis.json'), `${renderJson(analysis, verb)}\n`);
    await writeFile(reportFile, await renderHtml(analysis));
    return { record, analysis, folder, reportFile };
  } finally {
    status.clear();
    if (plan.processors.generator !== null) await pinOwnProcess(before);
  }
}

/** The analysis of a saved run, with its profiles read from the folder. */
export function analyzeRun(record: RunRecord, folder: string): Analysis {
  return analyze(record, { readProfile: (file) => readFileSync(join(folder, file)) });
}
