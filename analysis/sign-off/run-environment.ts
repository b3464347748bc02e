import type { TestedRun } from './tested-run.ts';

export type EnvironmentFields = Readonly<Record<string, string | null>>;

const text = (value: number | null): string | null => (value === null ? null : String(value));

/** What decides about figures: machine, build and runtime settings. */
function fieldsOf({ analysis: { environment } }: TestedRun): EnvironmentFields {
  const { host, target } = environment;
  return {
    platform: host.platform,
    kernel: host.kernel,
    cpuModel: host.cpuModel,
    processors: text(host.processors),
    memoryBytes: text(host.memoryBytes),
    targetGoVersion: target.goVersion,
    targetBuildId: target.buildId,
    targetGomaxprocs: text(target.gomaxprocs),
    targetGogc: target.gogc,
    targetGomemlimit: target.gomemlimit,
    targetCpuLimit: text(target.cpuLimit),
    targetMemoryLimitBytes: text(target.memoryLimitBytes),
  };
}

export interface SharedEnvironment {
  /** Null where a field is not known, or differs. */
  readonly fields: EnvironmentFields;
  /** Field, and what it was where: `kernel: 6.1 (run a), 6.2 (run b)`. */
  readonly differences: readonly string[];
}

/** What all runs have in common, and where they differ. */
export function sharedEnvironment(runs: readonly TestedRun[]): SharedEnvironment {
  const all = runs.map((run) => ({ id: run.id, fields: fieldsOf(run) }));
  const shared: Record<string, string | null> = {};
  const differences: string[] = [];
  for (const name of Object.keys(all[0]?.fields ?? {})) {
    const values = Map.groupBy(all, ({ fields }) => fields[name] ?? null);
    const [only] = values.keys();
    shared[name] = values.size === 1 ? (only ?? null) : null;
    if (values.size > 1)
      differences.push(
        `${name}: ${[...values].map(([value, where]) => `${value ?? 'unknown'} (${where[0]?.id ?? ''})`).join(', ')}`,
      );
  }
  return { fields: shared, differences };
}
