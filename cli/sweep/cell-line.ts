import { settingsText } from '../../analysis/sweep/same-settings.ts';
import type { SweepRun } from '../../analysis/sweep/sweep-run.ts';
import { formatBytes, formatLatency, formatPercent, formatRate } from '../../reports/format-quantity.ts';

/** One line for a run that is over: what was set, what came of it at the highest load. */
export function cellLine({ settings, outcome, stages }: SweepRun): string {
  const most = stages.reduce<SweepRun['stages'][number] | null>(
    (highest, stage) => (highest === null || stage.observed.load > highest.observed.load ? stage : highest),
    null,
  );
  if (most === null || (outcome.status !== 'completed' && most.validity.status !== 'valid'))
    return `  ${settingsText(settings)}: ${outcome.reason === '' ? 'nothing was measured' : outcome.reason}`;
  const { completedPerSecond, responseTimeMs, gcCpuShare, rssPeakBytes } = most.observed;
  const parts = [
    ...(most.validity.status === 'valid' ? [] : [`not valid (${most.validity.reasons.join(', ')})`]),
    `${formatRate(completedPerSecond?.estimate ?? null)} done`,
    `p99 ${formatLatency(responseTimeMs['0.99']?.estimate ?? null)}`,
    ...(gcCpuShare === null ? [] : [`GC ${formatPercent(gcCpuShare.estimate)} of CPU`]),
    ...(rssPeakBytes === null ? [] : [`peak ${formatBytes(rssPeakBytes.estimate)}`]),
  ];
  return `  ${settingsText(settings)}: ${parts.join(' · ')}`;
}
