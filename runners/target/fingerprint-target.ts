import { readFile } from 'node:fs/promises';
import type { TargetPlan } from '../../model/plan.ts';
import type { TargetEnvironment } from '../../model/run-record.ts';
import { groupLimits, groupPlacesOf } from './control-groups.ts';
import { type GoBuildInfo, readGoBuildInfo } from './go-build-info.ts';
import type { Target } from './target.ts';

/** What the target is made of and runs with, as far as this machine shows it; null for all else. */
export async function fingerprintTarget(plan: TargetPlan, target: Target): Promise<TargetEnvironment> {
  const { processId, notes } = target;
  const build = processId === null ? null : await readGoBuildInfo(`/proc/${processId}/exe`);
  const settings = processId === null ? null : await runtimeSettings(processId);
  const limits = processId === null ? null : await groupLimits(await groupPlacesOf(processId));
  return {
    url: target.url,
    processId,
    goVersion: build?.goVersion ?? null,
    buildId: build?.buildId ?? null,
    modulePath: build?.module?.path ?? build?.path ?? null,
    gomaxprocs: processors(settings?.get('GOMAXPROCS')),
    gogc: settings?.get('GOGC') ?? null,
    gomemlimit: settings?.get('GOMEMLIMIT') ?? null,
    command: plan.kind === 'launch' ? plan.command : null,
    processorSet: processId === null ? null : await processorSet(processId),
    cpuLimit: limits?.cpuLimit ?? null,
    memoryLimitBytes: limits?.memoryLimitBytes ?? null,
    notes: [...notes, ...buildNotes(build), ...unknownNotes(processId, build, settings)],
  };
}

const settingNames = ['GOMAXPROCS', 'GOGC', 'GOMEMLIMIT'] as const;

/** Only these names are looked at, whatever else the process was given; null where it may not be read. */
async function runtimeSettings(processId: number): Promise<ReadonlyMap<string, string> | null> {
  const text = await readFile(`/proc/${processId}/environ`, 'utf8').catch(() => null);
  if (text === null) return null;
  const settings = new Map<string, string>();
  for (const entry of text.split('\0'))
    for (const name of settingNames) if (entry.startsWith(`${name}=`)) settings.set(name, entry.slice(name.length + 1));
  return settings;
}

/** As the Go runtime reads it: a whole number above 0, else it is ignored. */
const processors = (text: string | undefined): number | null =>
  text !== undefined && /^[1-9]\d*$/.test(text) ? Number(text) : null;

async function processorSet(processId: number): Promise<string | null> {
  const status = await readFile(`/proc/${processId}/status`, 'utf8').catch(() => '');
  return /^Cpus_allowed_list:\s*(\S+)$/m.exec(status)?.[1] ?? null;
}

/** Settings that change how fast a binary is, or say which one it is. Flags such as -ldflags may hold secrets. */
const tellingSettings =
  /^(-race|-msan|-asan|-pgo|-tags|-gcflags|-buildmode|-compiler|CGO_ENABLED|DefaultGODEBUG|GOARCH|GOOS|GOAMD64|GOARM64|GOARM|GO386|GOEXPERIMENT|GOFIPS140|vcs\.revision|vcs\.modified|vcs\.time)$/;

function buildNotes(build: GoBuildInfo | null): readonly string[] {
  if (build === null) return [];
  const version =
    build.module === null || build.module.version === '' ? [] : [`module version ${build.module.version}`];
  const settings = Object.entries(build.settings)
    .filter(([name]) => tellingSettings.test(name))
    .map(([name, value]) => `${name}=${value}`);
  return [...version, ...(settings.length === 0 ? [] : [`build settings: ${settings.join(' ')}`])];
}

function unknownNotes(
  processId: number | null,
  build: GoBuildInfo | null,
  settings: ReadonlyMap<string, string> | null,
): readonly string[] {
  if (processId === null) return [];
  return [
    ...(build === null ? ['no Go build information could be read from the binary'] : []),
    ...(settings === null ? ['the environment of the process could not be read'] : []),
  ];
}

/** Of a target that never got ready. */
export function unknownTarget(plan: TargetPlan): TargetEnvironment {
  return {
    url: plan.url,
    processId: null,
    goVersion: null,
    buildId: null,
    modulePath: null,
    gomaxprocs: null,
    gogc: null,
    gomemlimit: null,
    command: plan.kind === 'launch' ? plan.command : null,
    processorSet: null,
    cpuLimit: null,
    memoryLimitBytes: null,
    notes: [],
  };
}
