import type { Plan } from '../../model/plan.ts';
import type { RunRecord } from '../../model/run-record.ts';
import type { Fields } from './run-sample.ts';

/** Machine and tools: two runs are comparable only where these are alike. */
export function environmentFields({ environment: { host, tools } }: RunRecord): Fields {
  return {
    platform: host.platform,
    kernel: host.kernel,
    'cpu-model': host.cpuModel,
    processors: text(host.processors),
    'machine-memory': text(host.memoryBytes),
    'machine-cpu-limit': text(host.cpuLimit),
    'machine-memory-limit': text(host.memoryLimitBytes),
    sysctls: stable(host.sysctls),
    ...Object.fromEntries(Object.entries(tools).map(([name, version]) => [`tool-${name}`, version])),
  };
}

/** How the target was set up. Its build is left out: that is what is compared. */
export function settingFields(record: RunRecord): Fields {
  const {
    environment: { target },
    plan,
  } = record;
  return {
    'go-version': target.goVersion,
    gomaxprocs: text(target.gomaxprocs),
    gogc: target.gogc,
    gomemlimit: target.gomemlimit,
    'cpu-limit': text(target.cpuLimit),
    'memory-limit': text(target.memoryLimitBytes),
    'processor-set': target.processorSet,
    'build-settings': buildSettings(record)
      .filter((setting) => !setting.startsWith('vcs.'))
      .join(' '),
    variables: plan.target.kind === 'launch' ? stable(plan.target.environment) : 'attached',
  };
}

/** What was done to the target, but for the names of plan and address, the seed, and where files lie. */
export function scenarioFields({ plan }: RunRecord): Fields {
  const { connections, collect, engine, loadProfile, steadyWindows } = plan;
  return {
    engine: engine.name,
    pinning: stable(plan.processors),
    load: stable({ loadProfile, steadyWindows }),
    traffic: stable(trafficOf(plan)),
    connections: stable({ ...connections, reason: null, tls: { insecure: connections.tls.insecure } }),
    collecting: stable({
      prometheus: collect.prometheus.map(({ intervalMs }) => intervalMs),
      expvar: collect.expvar.map(({ intervalMs }) => intervalMs),
      process: collect.process,
      sockets: collect.sockets,
      postgres: collect.postgres?.intervalMs ?? null,
      gctrace: collect.gctrace,
      profiles: collect.pprof?.captures ?? [],
    }),
  };
}

/** The commit that the target's binary says it was built from; null where it does not. */
export function builtFrom(record: RunRecord): string | null {
  const settings = buildSettings(record);
  const revision = settings.find((setting) => setting.startsWith('vcs.revision='))?.split('=')[1] ?? null;
  return revision !== null && settings.includes('vcs.modified=true') ? `${revision}-modified` : revision;
}

function buildSettings({ environment: { target } }: RunRecord): readonly string[] {
  const prefix = 'build settings: ';
  return target.notes.filter((note) => note.startsWith(prefix)).flatMap((note) => note.slice(prefix.length).split(' '));
}

function trafficOf({ traffic }: Plan): unknown {
  switch (traffic.kind) {
    case 'endpoints':
    case 'grpc':
      return traffic;
    case 'module':
      return { ...traffic, file: null };
    case 'k6-script':
      return { ...traffic, file: null, folder: null };
    default:
      return traffic satisfies never;
  }
}

const text = (value: number | null): string | null => (value === null ? null : String(value));

/** JSON whose keys are sorted, so that equal things give equal texts. */
function stable(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([left], [right]) => (left < right ? -1 : 1)))
      : part,
  );
}
