import { conductRun } from '../runners/conduct-run.ts';
import { realWorld } from '../runners/world.ts';
import { type AnalyzedRun, analyzeRun } from './analyze-run.ts';
import type { CommandContext } from './command.ts';
import { engineForPlan } from './engine-for-plan.ts';
import type { PlannedRun } from './plan-from-arguments.ts';
import { StatusLine } from './status-line.ts';

/**
 * Plan → run → analysis → `analysis.json` and `report.html` in the run folder. The status line is drawn on the way.
 */
export async function carryOutRun(
  { plan, requestsModule, secrets, k6Binary }: PlannedRun,
  context: CommandContext,
  verb: string,
): Promise<AnalyzedRun> {
  const { terminal, interrupted, runsDirectory, measuringInto } = context;
  const status = new StatusLine(process.stderr, terminal.quiet);
  const world = realWorld({ say: (message) => status.say(message), interrupted });
  for (const { message } of plan.warnings) status.say(`note: ${message}`);
  try {
    const { record, folder } = await conductRun({
      world,
      plan,
      engine: await engineForPlan(plan, k6Binary, world),
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
