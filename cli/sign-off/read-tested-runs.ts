import { stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { sampleOfRun } from '../../analysis/comparison/sample-of-run.ts';
import { gateRun } from '../../analysis/gate/gate-run.ts';
import type { TestedRun } from '../../analysis/sign-off/tested-run.ts';
import type { GatePolicy } from '../../model/gate-policy.ts';
import { copyFolder } from '../../runners/sign-off/gather-artifacts.ts';
import { loadRun } from '../../runners/store/load-run.ts';
import { UnreadableRun } from '../../runners/store/unreadable-run.ts';
import { readRun } from '../analyze-run.ts';
import { readSearch } from '../search/analyze-search.ts';
import { type Found, findRunOrSearch } from '../search/find-run-or-search.ts';
import { resultOfSaved, withoutTrials } from '../search/result-of-saved.ts';
import { readSearchFolder } from '../search/search-folder.ts';

/**
 * Copies runs and searches below `artifacts/runs/` and reads the copies, so that what is judged is what is hashed. One that
 * is given twice counts once. @throws UnreadableRun
 */
export async function readTestedRuns(
  names: readonly string[],
  runsDirectory: string,
  artifacts: string,
  policy: GatePolicy | null,
): Promise<readonly TestedRun[]> {
  const found = new Map<string, Found>();
  for (const name of names) {
    const one = await findRunOrSearch(name, runsDirectory);
    found.set(resolve(one.folder), one);
  }
  const runs: TestedRun[] = [];
  for (const [from, { kind }] of found) {
    const folder = `runs/${basename(from)}`;
    const copy = join(artifacts, folder);
    if ((await stat(copy).catch(() => null)) !== null)
      throw new UnreadableRun(`there are two runs called ${basename(from)}`, 'give one of them');
    await copyFolder(from, copy);
    runs.push({ ...(kind === 'run' ? await readOne(copy, policy) : await readWhole(copy)), folder });
  }
  return runs;
}

type Read = Omit<TestedRun, 'folder'>;

async function readOne(folder: string, policy: GatePolicy | null): Promise<Read> {
  const record = await loadRun(folder);
  const { id, plan, startedAt } = record;
  const gate = policy === null ? null : gateRun(record, sampleOfRun(record), policy);
  return { id, plan, startedAt, analysis: readRun(record, folder).analysis, search: null, gate };
}

async function readWhole(folder: string): Promise<Read> {
  const saved = await readSearchFolder(folder);
  const result = resultOfSaved(saved);
  const read = await readSearch(saved, result);
  if (read === null) throw withoutTrials(saved);
  const { id, plan, startedAt } = saved.search;
  return { id, plan, startedAt, analysis: read.analysis, search: result.figures, gate: null };
}
