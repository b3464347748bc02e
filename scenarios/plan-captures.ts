import type { Stage } from '../model/load-profile.ts';
import type { ProfileCapturePlan, ProfileKind, SteadyWindow } from '../model/plan.ts';
import { type Milliseconds, milliseconds, seconds } from '../model/units.ts';
import { stageSpans } from './plan-stages.ts';

const longestCpuProfile = seconds(30);
const shortestCpuProfile = seconds(1);
/** Part of the steady window that a CPU profile takes: the rest is measured without it. */
const cpuShare = 0.6;
/** Snapshots of one moment follow one another at this distance; each takes a few milliseconds. */
const snapshotStep = milliseconds(150);
const cumulative: readonly ProfileKind[] = ['allocs', 'mutex', 'block'];

/**
 * When each profile is taken: never two at once, CPU inside the steady window of each hold, snapshots at an idle
 * baseline, right after each stage's end (in the part of the next stage that is cut anyway) and after the load; a heap
 * after forced garbage collection last, since it disturbs.
 */
export function planCaptures(
  stages: readonly Stage[],
  windows: readonly SteadyWindow[],
  extent: 'none' | 'light' | 'full',
): readonly ProfileCapturePlan[] {
  if (extent === 'none') return [];
  const snapshots: readonly ProfileKind[] = extent === 'full' ? [...cumulative, 'goroutine'] : ['allocs', 'goroutine'];
  const captures: ProfileCapturePlan[] = [];
  const takeSnapshots = (
    kinds: readonly ProfileKind[],
    from: number,
    common: { readonly stage: number | null; readonly label: ProfileCapturePlan['label'] },
  ): void => {
    for (const [index, kind] of kinds.entries())
      captures.push({
        ...common,
        kind,
        atMs: milliseconds(from + index * snapshotStep),
        durationMs: milliseconds(0),
        afterGc: false,
      });
  };
  takeSnapshots(snapshots, -(snapshots.length + 1) * snapshotStep, { stage: null, label: 'baseline' });
  const spans = stageSpans(stages);
  for (const [index, stage] of stages.entries()) {
    const window = windows[index];
    const span = spans[index];
    if (window === undefined || span === undefined) continue;
    const cpu = stage.kind === 'hold' ? cpuProfile(window) : null;
    if (cpu !== null) captures.push({ stage: index, label: 'stage', kind: 'cpu', ...cpu, afterGc: false });
    takeSnapshots(snapshots, span.toMs + 20, { stage: index, label: 'stage' });
  }
  const end = spans.at(-1)?.toMs ?? milliseconds(0);
  const coolDown = end + seconds(2);
  takeSnapshots(['goroutine'], coolDown, { stage: null, label: 'cool-down' });
  if (extent === 'full')
    captures.push({
      stage: null,
      label: 'cool-down',
      kind: 'heap',
      atMs: milliseconds(coolDown + snapshotStep),
      durationMs: milliseconds(0),
      afterGc: true,
    });
  return captures;
}

function cpuProfile(window: SteadyWindow): { atMs: Milliseconds; durationMs: Milliseconds } | null {
  const length = window.toMs - window.fromMs;
  // The endpoint takes whole seconds.
  const durationMs = seconds(Math.floor(Math.min(longestCpuProfile, length * cpuShare) / seconds(1)));
  if (durationMs < shortestCpuProfile) return null;
  return { atMs: milliseconds(window.fromMs + (length - durationMs) / 2), durationMs };
}
