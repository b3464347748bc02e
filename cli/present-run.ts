import { copyFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { CommandContext } from './command.ts';
import type { AnalyzedRun } from './analyze-run.ts';

/** The result on standard output: one JSON document, or the terminal report whose last lines are the answer. */
export async function presentRun(
  { rendered, folder, reportFile, record }: AnalyzedRun,
  { terminal }: CommandContext,
  verb: string,
  out: string | null,
): Promise<void> {
  const { outcome } = record;
  const nothing = record.traffic.status !== 'captured' && outcome.status !== 'completed';
  if (nothing) {
    // An empty report would bury the one line that says why.
    if (terminal.json) terminal.out(JSON.stringify({ schema: `plimsoll/${verb}/1`, outcome }, null, 2));
  } else if (terminal.json) terminal.out(rendered.json(verb));
  else terminal.out(rendered.terminal(terminal, relative(process.cwd(), reportFile)));
  if (out !== null) {
    for (const name of ['report.html', 'analysis.json']) await copyFile(join(folder, name), join(out, name));
    terminal.note(`report.html and analysis.json are in ${out}`);
  }
  if (outcome.status === 'failed')
    terminal.note(
      `plimsoll: the run failed (${outcome.phase}): ${outcome.reason}${outcome.hint === '' ? '' : ` (${outcome.hint})`}`,
    );
  if (outcome.status === 'aborted') terminal.note(`plimsoll: the run ended early: ${outcome.reason}`);
  if (outcome.status !== 'completed' && !nothing)
    terminal.note(`plimsoll: what was measured is in ${relative(process.cwd(), folder)}`);
}
