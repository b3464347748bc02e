import { readFileSync } from 'node:fs';
import { CallTreesOfRun } from '../analysis/profiles/call-trees-of-run.ts';
import { summarizeProfiles } from '../analysis/profiles/summarize-profiles.ts';
import type { CallTree } from '../analysis/analysis.ts';
import { type AnalysedRun, buildStairAnalysis } from '../fixtures/records/build-analysis.ts';
import { type ProfileCapture, captured } from '../model/measurements.ts';
import { after, bytes, epochMilliseconds, seconds } from '../model/units.ts';

const began = epochMilliseconds(0);
const read = (file: string): Uint8Array => readFileSync(new URL(`../fixtures/captures/${file}`, import.meta.url));

/** Real profiles as if stages of the stair had given them. */
const captures: readonly ProfileCapture[] = [
  capture('allocs', null, 'allocs-before.pb.gz'),
  capture('cpu', 1, 'cpu-loaded.pb.gz'),
  capture('allocs', 1, 'allocs-after.pb.gz'),
  capture('cpu', 5, 'cpu-collected.pb.gz'),
  capture('goroutine', 5, 'goroutine-loaded.pb.gz'),
];

function capture(kind: ProfileCapture['kind'], stage: number | null, file: string): ProfileCapture {
  return {
    source: null,
    stage,
    label: stage === null ? 'baseline' : 'stage',
    kind,
    startedAt: after(began, seconds(20 * (stage ?? 0))),
    durationMs: seconds(10),
    cumulative: kind === 'allocs',
    content: captured({ file, bytes: bytes(read(file).length) }),
  };
}

/** @param requests done while a profile was taken, whichever */
export function callTreesOfCaptures(requests: number | null = 9800): readonly CallTree[] {
  const trees = new CallTreesOfRun();
  summarizeProfiles(captures, read, (profile) => trees.add(profile));
  return trees.finish({ modulePath: null, requestsBetween: () => requests });
}

/** The stair with flame graphs. */
export function buildFlameAnalysis(callTrees: readonly CallTree[] = callTreesOfCaptures()): AnalysedRun {
  const { analysis, plan } = buildStairAnalysis();
  return { plan, analysis: { ...analysis, detail: { ...analysis.detail, callTrees } } };
}
