import type { StageAnalysis, TargetAnalysis } from '../../analysis/analysis.ts';
import type { Text } from '../document.ts';
import { formatBytes, formatCount, formatPercent, formatSetting } from '../format-quantity.ts';
import { sayCollector } from '../wording.ts';
import { type RunView, holds, stageText } from './run-view.ts';

/** The target's side in a few lines, for where space is short; `missing` names what has no figures. */
export function targetLines(view: RunView, missing: readonly string[]): readonly Text[] {
  if (view.analysis.stages.every(({ due }) => due === 0)) return [];
  const lines = stagesToShow(view).flatMap((stage) => {
    const parts = stateParts(stage.target);
    return parts.length === 0 ? [] : [`Target at ${stageText(view, stage.index)}: ${parts.join(', ')}.`];
  });
  const collectors = view.analysis.detail.coverage
    .filter(({ status }) => status !== 'captured')
    .map(({ collector }) => sayCollector(collector));
  const profiles = view.analysis.detail.profiles.length === 0 ? ['profiles'] : [];
  const lacking = [...missing, ...profiles, ...new Set(collectors)];
  return [
    ...lines.map((text): Text => ({ kind: 'text', text, brief: true })),
    ...(lacking.length === 0
      ? []
      : [
          {
            kind: 'text' as const,
            text: `Not collected: ${lacking.join(', ')}.`,
            tone: 'muted' as const,
            brief: true as const,
          },
        ]),
  ];
}

/** The highest valid load, and where the limiter crossed its limit: often the same. */
function stagesToShow(view: RunView): readonly StageAnalysis[] {
  const { limiter } = view.analysis.capacity;
  const valid = holds(view).filter(({ validity }) => validity.status === 'valid');
  const [highest] = valid.toSorted((left, right) => right.offeredPerSecond - left.offeredPerSecond);
  return valid.filter((stage) => stage === highest || stage.index === limiter?.firstStage);
}

function stateParts(target: TargetAnalysis): readonly string[] {
  const { cpuCores, cpuCoresAvailable, gcCpuShare, rssBytes, goroutines, pools } = target;
  return [
    ...(cpuCores === null ? [] : [`processors ${formatCount(cpuCores)}${of(cpuCoresAvailable)}`]),
    ...(gcCpuShare === null ? [] : [`GC ${formatPercent(gcCpuShare)} of CPU`]),
    ...(rssBytes === null ? [] : [`RSS ${formatBytes(rssBytes)}`]),
    ...(goroutines === null ? [] : [`${formatCount(Math.round(goroutines))} goroutines`]),
    ...pools.flatMap(({ name, inUse, maxOpen }) =>
      inUse === null ? [] : [`pool ${name} ${formatCount(inUse)}${of(maxOpen)} in use`],
    ),
  ];
}

function of(whole: number | null): string {
  return whole === null ? '' : ` of ${formatSetting(whole, '1')}`;
}
