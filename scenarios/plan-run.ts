import { objectiveText } from '../model/objective-text.ts';
import type { Objective } from '../model/objective.ts';
import type { AbortRules, CollectPlan, Plan, ProcessorPlan, ScorecardLimits, ScrapePlan } from '../model/plan.ts';
import type { Scenario } from '../model/scenario.ts';
import {
  type Milliseconds,
  type Ratio,
  mebibytes,
  milliseconds,
  parseDuration,
  parseShare,
  parseSize,
  percent,
  seconds,
} from '../model/units.ts';
import type { Traffic } from '../model/traffic.ts';
import { scenarioFaults } from './define-scenario.ts';
import { nearestName } from './nearest-name.ts';
import type { Misuse } from './misuse.ts';
import { Reasons } from './reasons.ts';
import { parseObjective } from './parse-objective.ts';
import { planCaptures } from './plan-captures.ts';
import { planConnections } from './plan-connections.ts';
import { planEngine } from './plan-engine.ts';
import { planTls } from './plan-tls.ts';
import { planStages } from './plan-stages.ts';
import { planTarget } from './plan-target.ts';
import { type RequestsModuleFacts, planTraffic } from './plan-traffic.ts';
import { planWarnings } from './plan-warnings.ts';
import { steadyWindows } from './steady-windows.ts';

/** What planning needs to know of the world, so that it can be a pure function. */
export interface PlanOptions {
  readonly requestsModule: RequestsModuleFacts | null;
  /** Rows of `traffic.data` where it names a file. */
  readonly rows: readonly Readonly<Record<string, string>>[] | null;
  /** What `directory` of a launched target is relative to. */
  readonly workingDirectory: string;
  /** Used where the scenario says nothing. */
  readonly processors: ProcessorPlan;
  /** Whether process and sockets of the target can be read: it runs on this machine, and that is Linux. */
  readonly targetIsLocal: boolean;
  /** Whether an `env:NAME` reference can be resolved. */
  readonly hasVariable: (name: string) => boolean;
}

export type Planned =
  | { readonly ok: true; readonly plan: Plan }
  | { readonly ok: false; readonly reasons: readonly Misuse[] };

/** Scenario → Plan with every default in place, or every reason why not. Pure. */
export function planRun(scenario: Scenario, options: PlanOptions): Planned {
  const reasons = new Reasons();
  reasons.list.push(...scenarioFaults(scenario));
  // What is not even of the right form cannot be read further.
  if (reasons.list.length > 0) return { ok: false, reasons: reasons.list };

  const loadProfile = planStages(scenario.load, reasons);
  const windows = steadyWindows(loadProfile.stages);
  const target = planTarget(scenario.target, options.workingDirectory, reasons);
  const requestTimeoutMs = duration(scenario.timeout ?? '10s', 'timeout', reasons);
  if (requestTimeoutMs === 0) reasons.add('timeout', 'a timeout of 0', 'write a duration above 0, such as 10s');
  const traffic = planTraffic(scenario, options, reasons);
  const objectives = planObjectives(scenario, traffic, reasons);
  const collect = planCollect(scenario, options, windows, loadProfile.stages, reasons);
  const unwarned: Plan = {
    name: scenario.name,
    seed: scenario.seed ?? 1,
    engine: planEngine(scenario, reasons),
    target:
      target.kind === 'launch' && collect.gctrace
        ? { ...target, environment: withGctrace(target.environment) }
        : target,
    traffic,
    loadProfile,
    steadyWindows: windows,
    connections: planConnections(
      loadProfile,
      scenario.connections ?? 'auto',
      scenario.keepAlive ?? true,
      requestTimeoutMs,
      objectives,
      planTls(scenario, options.workingDirectory, reasons),
      traffic.kind === 'k6-script' ? 'iterations' : 'requests',
    ),
    headers: { run: scenario.headers?.run ?? 'X-Plimsoll-Run', stage: scenario.headers?.stage ?? 'X-Plimsoll-Stage' },
    objectives,
    collect,
    abortRules: planAbortRules(scenario, reasons),
    processors: {
      generator: scenario.processors?.generator ?? options.processors.generator,
      // A process that is not ours is never moved.
      target: target.kind === 'attach' ? null : (scenario.processors?.target ?? options.processors.target),
    },
    graceMs: requestTimeoutMs,
    limits: planLimits(scenario, reasons),
    warnings: [],
  };
  checkReferences(unwarned, options, reasons);
  if (reasons.list.length > 0) return { ok: false, reasons: reasons.list };
  return { ok: true, plan: { ...unwarned, warnings: planWarnings(unwarned) } };
}

function planObjectives(scenario: Scenario, traffic: Traffic, reasons: Reasons): readonly Objective[] {
  const objectives = (scenario.objectives ?? []).flatMap((text, index) =>
    reasons.collect<readonly Objective[]>(`objectives[${index}]`, [], () => [parseObjective(text)]),
  );
  checkObjectiveEndpoints(scenario.objectives ?? [], traffic, reasons);
  const texts = objectives.map(objectiveText);
  for (const [index, text] of texts.entries())
    if (texts.indexOf(text) !== index) reasons.add(`objectives[${index}]`, `"${text}" is there twice`, 'leave one out');
  return objectives;
}

/** Metrics of the process: no endpoint has a share of its own in them. */
const ofTheProcess: readonly Objective['kind'][] = ['gc-cpu', 'goroutines', 'rss'];

function checkObjectiveEndpoints(texts: readonly string[], traffic: Traffic, reasons: Reasons): void {
  const names = traffic.endpoints.map((endpoint) => (typeof endpoint === 'string' ? endpoint : endpoint.name));
  for (const [index, text] of texts.entries()) {
    const where = `objectives[${index}]`;
    const { endpoint, kind } = parseObjective(text);
    if (endpoint === null) continue;
    if (ofTheProcess.includes(kind))
      reasons.add(where, `${kind} is of the whole process, not of "${endpoint}"`, 'leave the endpoint out');
    // A function may name an endpoint so seldom that the first iterations do not show it.
    else if ((traffic.kind === 'endpoints' || traffic.kind === 'grpc') && !names.includes(endpoint)) {
      const near = nearestName(endpoint, names);
      const hint = near === null ? `the endpoints are: ${names.join(', ')}` : `did you mean ${near}?`;
      reasons.add(where, `no endpoint is called "${endpoint}"`, hint);
    }
  }
}

function planCollect(
  { collect = {}, target }: Scenario,
  { targetIsLocal }: PlanOptions,
  windows: Plan['steadyWindows'],
  stages: Plan['loadProfile']['stages'],
  reasons: Reasons,
): CollectPlan {
  const intervalMs = duration(collect.interval ?? '1s', 'collect.interval', reasons);
  if (intervalMs < milliseconds(100))
    reasons.add(
      'collect.interval',
      'readings closer than 100 ms disturb the target',
      'write 100ms or more, such as 1s',
    );
  const scrapes = (field: 'metrics' | 'expvar'): ScrapePlan[] => {
    const urls = collect[field] ?? [];
    return (typeof urls === 'string' ? [urls] : urls).map((url) => ({
      url: adminUrl(url, `collect.${field}`, reasons),
      intervalMs,
      timeoutMs: seconds(5),
      maxBytes: mebibytes(16),
    }));
  };
  const [folder, ...furtherFolders] = [collect.pprof ?? []]
    .flat()
    .map((url) => adminUrl(url, 'collect.pprof', reasons).replace(/\/+$/, ''));
  if (folder !== undefined && new Set([folder, ...furtherFolders]).size <= furtherFolders.length)
    reasons.add(
      'collect.pprof',
      'an address is there twice',
      'leave one out: a process gives one CPU profile at a time',
    );
  return {
    prometheus: scrapes('metrics'),
    expvar: scrapes('expvar'),
    pprof:
      folder === undefined
        ? null
        : {
            url: folder,
            furtherUrls: furtherFolders,
            maxBytes: mebibytes(64),
            captures: planCaptures(stages, windows, collect.profiles ?? 'full'),
          },
    process: targetIsLocal ? { intervalMs } : null,
    sockets: targetIsLocal ? { intervalMs } : null,
    postgres: collect.postgres === undefined ? null : { url: collect.postgres, intervalMs },
    gctrace: typeof target === 'object' && 'launch' in target,
    adminHeaders: collect.adminHeaders ?? {},
  };
}

function adminUrl(text: string, where: string, reasons: Reasons): string {
  // A launched service learns its port when it starts: paths are completed with its address then.
  if (text.startsWith('/')) return text;
  if (!URL.canParse(text) || !/^https?:/.test(text))
    reasons.add(
      where,
      `"${text}" is not a URL`,
      'write http://host:port/path, or a path of the target such as /metrics',
    );
  return text;
}

/** gctrace costs a line per collection and tells what no metric does; what the user set in GODEBUG stays. */
function withGctrace(environment: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const set = environment['GODEBUG'] ?? '';
  if (set.includes('gctrace=')) return environment;
  return { ...environment, GODEBUG: set === '' ? 'gctrace=1' : `${set},gctrace=1` };
}

function planAbortRules({ abort = {} }: Scenario, reasons: Reasons): AbortRules {
  const rule = <T>(
    value: string | false | undefined,
    fallback: string | null,
    where: string,
    read: (text: string) => T,
  ): T | null => {
    const text = value === undefined ? fallback : value;
    return text === false || text === null ? null : reasons.collect(where, null, () => read(text));
  };
  return {
    errorRatio: rule(abort.errors, '50%', 'abort.errors', parseShare),
    latencyMs: rule(abort.latency, null, 'abort.latency', parseDuration),
    targetGoneMs: rule(abort.targetGone, '10s', 'abort.targetGone', parseDuration),
    latenessMs: rule(abort.lateness, '1s', 'abort.lateness', parseDuration),
    freeDiskBytes: rule(abort.freeDisk, '200MiB', 'abort.freeDisk', parseSize),
    windowMs: duration(abort.window ?? '5s', 'abort.window', reasons),
  };
}

/** Defaults: requirements S000.1 and practitioners' budgets; docs/scorecards.md says where each comes from. */
function planLimits({ limits = {} }: Scenario, reasons: Reasons): ScorecardLimits {
  const share = (
    field: 'cpu' | 'rssGrowthPerMinute' | 'dependencyErrors' | 'gcCpu' | 'generatorCpu',
    fallback: Ratio,
  ): Ratio => {
    const text = limits[field];
    return text === undefined ? fallback : reasons.collect(`limits.${field}`, fallback, () => parseShare(text));
  };
  const time = (field: 'poolWait' | 'gcPause' | 'schedulingLatency', fallback: Milliseconds): Milliseconds => {
    const text = limits[field];
    return text === undefined ? fallback : duration(text, `limits.${field}`, reasons);
  };
  return {
    latencyP99Ms: limits.latencyP99 === undefined ? null : duration(limits.latencyP99, 'limits.latencyP99', reasons),
    cpu: share('cpu', percent(70)),
    rssGrowthPerMinute: share('rssGrowthPerMinute', percent(1)),
    goroutines: limits.goroutines ?? null,
    poolWaitMs: time('poolWait', milliseconds(1)),
    dependencyErrorRatio: share('dependencyErrors', percent(0.1)),
    gcCpu: share('gcCpu', percent(10)),
    gcPauseMs: time('gcPause', milliseconds(10)),
    schedulingLatencyMs: time('schedulingLatency', milliseconds(1)),
    generatorCpu: share('generatorCpu', percent(80)),
  };
}

/** `env:NAME` values have to be there before anything starts. */
function checkReferences(plan: Plan, options: PlanOptions, reasons: Reasons): void {
  const check = (where: string, values: Readonly<Record<string, string>>): void => {
    for (const [key, value] of Object.entries(values)) {
      const name = /^env:(.+)$/.exec(value)?.[1];
      if (name !== undefined && !options.hasVariable(name))
        reasons.add(`${where}.${key}`, `the environment has no ${name}`, `set it: ${name}=… plimsoll …`);
    }
  };
  if (plan.traffic.kind === 'endpoints')
    for (const { name, headers } of plan.traffic.endpoints) check(`headers of ${name}`, headers);
  if (plan.traffic.kind === 'k6-script') check('traffic.environment', plan.traffic.environment);
  if (plan.traffic.kind === 'grpc')
    for (const { name, metadata } of plan.traffic.endpoints) check(`metadata of ${name}`, metadata);
  if (plan.target.kind === 'launch') check('target.environment', plan.target.environment);
  check('collect.adminHeaders', plan.collect.adminHeaders);
  if (plan.collect.postgres !== null) check('collect', { postgres: plan.collect.postgres.url });
}

const duration = (text: string, where: string, reasons: Reasons): Milliseconds =>
  reasons.collect(where, milliseconds(0), () => parseDuration(text));
