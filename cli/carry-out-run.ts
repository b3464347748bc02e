import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Analysis } from '../analysis/analysis.ts';
import { analyze } from '../analysis/analyze.ts';
import type { RunRecord } from '../model/run-record.ts';
import { conductRun } from '../runners/conduct-run.ts';
import { autocannonEngine } from '../runners/generators/autocannon/engine.ts';
import { realWorld } from '../runners/world.ts';
import type { CommandContext } from './command.ts';
import type { PlannedRun } from './plan-from-arguments.ts';
import { StatusLine } from './status-line.ts';
import { type RenderedRun, renderRun } from './render-run.ts';

/** A run that is over: what was measured, what it means, where it is. */
export interface CarriedOutRun {
  readonly record: RunRecord;
  readonly analysis: Analysis;
  readonly rendered: RenderedRun;
  readonly folder: string;
  readonly reportFile: string;
}

/**
 * Plan → run → analysis → `analysis.json` and `report.html` in the run folder. The status line is drawn on the way.
 */
export async function carryOutRun(
  { plan, requestsModule, secrets }: PlannedRun,
  context: CommandContext,
  verb: string,
): Promise<CarriedOutRun> {
  const { terminal, interrupted, runsDirectory, measuringInto } = context;
  const status = new StatusLine(process.stderr, terminal.quiet);
  const world = realWorld({ say: (message) => status.say(message), interrupted });
  for (const { message } of plan.warnings) status.say(`note: ${message}`);
  try {
    const { record, folder } = await conductRun({
      world,
      plan,
      engine: autocannonEngine,
      runsDirectory,
      requestsModule,
      secrets,
      onFolder: measuringInto,
      onView: (view) => status.progress(plan, view),
    });
    status.clear();
    measuringInto(folder);
    return await analyzeRun(record, folder, verb);
  } finally {
    status.clear();
  }
}

/** Analyses a run that is on disk, and writes what follows from it beside it. The target is not needed. */
export async function analyzeRun(record: RunRecord, folder: string, verb: string): Promise<CarriedOutRun> {
  const { analysis, rendered } = readRun(record, folder);
  const reportFile = join(folder, 'report.html');
  await writeFile(join(folder, 'analysis.json'), `${rendered.json(verb)}\n`);
  await writeFile(reportFile, await rendered.html());
  return { record, analysis, rendered, folder, reportFile };
}

/** The analysis of a run, with its profiles read from the folder; writes nothing. */
export function readRun(record: RunRecord, folder: string): Pick<CarriedOutRun, 'analysis' | 'rendered'> {
  const analysis = analyze(record, { readProfile: (file) => readFileSync(join(folder, file)) });
  return { analysis, rendered: renderRun(analysis, record.plan) };
}
