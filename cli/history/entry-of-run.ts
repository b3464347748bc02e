import { createHash } from 'node:crypto';
import { builtFrom } from '../../analysis/comparison/run-fields.ts';
import type { Fields, RunSample } from '../../analysis/comparison/run-sample.ts';
import { type HistoryArm, type HistoryEntry, historyFormat } from '../../model/history-entry.ts';
import { runMetricNames, runMetrics } from '../../model/run-metrics.ts';
import type { RunRecord } from '../../model/run-record.ts';

/** What the run itself does not say. */
export interface EntryKeys {
  readonly project: string | null;
  readonly service: string | null;
  readonly arm: HistoryArm;
  readonly pair: string | null;
  /** Null: as the target's binary says it. */
  readonly commit: string | null;
}

/** A run as a history keeps it. */
export function entryOfRun(sample: RunSample, record: RunRecord, keys: EntryKeys): HistoryEntry {
  const { target } = record.environment;
  return {
    formatVersion: historyFormat,
    project: keys.project ?? sample.name,
    service: keys.service ?? target.modulePath ?? sample.name,
    scenario: sample.name,
    scenarioHash: hashOf(sample.scenario),
    arm: keys.arm,
    pair: keys.pair,
    run: sample.id,
    commit: keys.commit ?? builtFrom(record),
    configHash: hashOf(sample.settings),
    environmentHash: hashOf(sample.environment),
    validity: validityOf(sample),
    startedAt: sample.startedAt,
    stages: sample.stages.map(({ index, name, load, validity, late, completedPerSecond, figures, serviceTimeMs }) => ({
      index,
      name,
      load,
      valid: validity.status === 'valid',
      late,
      figures: {
        ...Object.fromEntries(runMetricNames.map((metric) => [runMetrics[metric].key, figures[metric]])),
        // Of a comparison it is only where it was the limit; a history keeps it always.
        [runMetrics.throughput.key]: completedPerSecond,
        serviceP50Ms: serviceTimeMs.p50,
        serviceP90Ms: serviceTimeMs.p90,
        serviceP99Ms: serviceTimeMs.p99,
        serviceP999Ms: serviceTimeMs['p99.9'],
      },
    })),
  };
}

function validityOf({ outcome, stages }: RunSample): HistoryEntry['validity'] {
  if (outcome.status !== 'completed')
    return { status: stages.length === 0 ? 'invalid' : 'partial', reasons: [`${outcome.status}: ${outcome.reason}`] };
  const wrong = stages.filter(({ validity }) => validity.status !== 'valid');
  if (wrong.length > 0 || stages.length === 0)
    return {
      status: 'invalid',
      reasons:
        stages.length === 0
          ? ['no hold stage was measured']
          : wrong.map(({ index, validity }) => `stage ${index}: ${validity.reasons.join(', ')}`),
    };
  return { status: 'ok', reasons: [] };
}

/** Sixteen hex digits of SHA-256 over the fields in the order of their names. */
function hashOf(fields: Fields): string {
  const sorted = Object.entries(fields).toSorted(([left], [right]) => (left < right ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(sorted)).digest('hex').slice(0, hashDigits);
}

const hashDigits = 16;
