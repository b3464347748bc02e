/** Names inside a run folder; docs/run-record.md describes each. */
export const runFiles = {
  record: 'run.json',
  plan: 'plan.json',
  traffic: 'traffic.jsonl.gz',
  metrics: 'metrics.jsonl.gz',
  profiles: 'profiles',
  targetLog: 'target.log',
  generatorLog: 'generator.log',
  manifest: 'manifest.json',
} as const;

/** A folder's name ends so until the run is complete. */
export const partialSuffix = '.partial';

/** Without these a record cannot be read; all else in a folder is by reference from them, or for people. */
export const neededFiles: readonly string[] = [runFiles.record, runFiles.plan, runFiles.traffic, runFiles.metrics];
