import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Analysis } from '../analysis/analysis.ts';
import { analyze } from '../analysis/analyze.ts';
import type { RunRecord } from '../model/run-record.ts';
import { type RenderedRun, renderRun } from './render-run.ts';

/** A run that is over: what was measured, what it means, where it is. */
export interface AnalyzedRun {
  readonly record: RunRecord;
  readonly analysis: Analysis;
  readonly rendered: RenderedRun;
  readonly folder: string;
  readonly reportFile: string;
}

/** Analyses a run that is on disk, and writes what follows from it beside it. The target is not needed. */
export async function analyzeRun(record: RunRecord, folder: string, verb: string): Promise<AnalyzedRun> {
  const { analysis, rendered } = readRun(record, folder);
  const reportFile = join(folder, 'report.html');
  await writeFile(join(folder, 'analysis.json'), `${rendered.json(verb)}\n`);
  await writeFile(reportFile, await rendered.html());
  return { record, analysis, rendered, folder, reportFile };
}

/** The analysis of a run, with its profiles read from the folder; writes nothing. */
export function readRun(record: RunRecord, folder: string): Pick<AnalyzedRun, 'analysis' | 'rendered'> {
  const analysis = analyze(record, { readProfile: (file) => readFileSync(join(folder, file)) });
  return { analysis, rendered: renderRun(analysis, record.plan) };
}
