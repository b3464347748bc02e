import { resolve } from 'node:path';
import type { Plan } from '../model/plan.ts';
import type { Scenario } from '../model/scenario.ts';
import { type LoadedScenario, loadScenarioFile, textOf } from '../scenarios/load-scenario-file.ts';
import { type Misuse, MisuseError } from '../scenarios/misuse.ts';
import { parseDataRows } from '../scenarios/parse-data-rows.ts';
import { Reasons } from '../scenarios/reasons.ts';
import { bundleK6Script } from '../scenarios/bundle-k6-script.ts';
import { k6ScriptName } from '../scenarios/plan-k6-script.ts';
import { SecretValues } from '../scenarios/secret-values.ts';
import { scenarioFromFlags } from '../scenarios/scenario-from-flags.ts';
import { type ScenarioSurroundings, planOnThisMachine } from './plan-on-this-machine.ts';
import { readEndpointLines } from './read-endpoint-lines.ts';
import { refuseArgument } from './refuse-argument.ts';
import type { RunFlagValues } from './run-flags.ts';

/** A plan with what cannot be in it. */
export interface PlannedRun {
  readonly plan: Plan;
  readonly requestsModule: LoadedScenario['requestsModule'];
  readonly secrets: Readonly<Record<string, string>>;
  /** A k6 of the user's own; null: plimsoll's. */
  readonly k6Binary: string | null;
}

export interface PlannedScenario extends PlannedRun {
  /** As it was planned: what was written, with the flags that override it. */
  readonly scenario: Scenario;
}

/**
 * `SCENARIO|URL` with flags → plan. For a scenario file the flags that are given override what it says.
 * @throws MisuseError with every reason at once
 */
export async function planFromArguments(
  scenarioOrUrl: string,
  flags: RunFlagValues,
  seed: number | null,
): Promise<PlannedScenario> {
  const reasons = new Reasons();
  const isUrl = /^https?:\/\//i.test(scenarioOrUrl);
  await refuseArgument(scenarioOrUrl);
  const isScript = !isUrl && /\.k6\.[jt]s$/.test(scenarioOrUrl);
  if (flags.target !== undefined && !isScript) reasons.add('--target', 'goes with a k6 script', 'leave it out');
  const loaded = isUrl
    ? await scenarioFromUrl(scenarioOrUrl, flags, reasons)
    : isScript
      ? await scenarioFromScript(scenarioOrUrl, flags, reasons)
      : await scenarioFromFile(scenarioOrUrl, reasons, flags);
  const scenario = overridden(loaded.scenario, flags, seed, reasons);
  const planned = await planOnThisMachine(scenario, loaded);
  if (!planned.ok || reasons.list.length > 0)
    throw new MisuseError([
      ...reasons.list,
      ...(planned.ok ? [] : planned.reasons.map(isUrl || isScript ? byFlag : same)),
    ]);
  const k6Binary = flags.k6Binary === undefined ? null : resolve(flags.k6Binary);
  return { plan: planned.plan, scenario, requestsModule: loaded.requestsModule, secrets: loaded.secrets, k6Binary };
}

/** Where nobody wrote a scenario a fault is named by the flag it came from. */
const flagOf: readonly (readonly [place: RegExp, flag: string])[] = [
  [/^load\.stages\[0\]\.(stair\.from|ramp\[0\])$/, '--rate'],
  [/^load\.stages\[0\]\.(stair\.to|ramp\[1\])$/, '--to'],
  [/^load\.stages\[0\]\.stair\.step$/, '--step'],
  [/^load\.stages\[0\]\.for$/, '--hold'],
  [/^load(\.users)+$/, '--users'],
  [/^load\.for$/, '--hold'],
  [/^load\.thinkTime$/, '--think-time'],
  [/^load\.warmUp/, '--warm-up'],
  [/^objectives\[\d+\]$/, '--objective'],
  [/^timeout$/, '--timeout'],
  [/^traffic\.endpoints\[0\]\.method$/, '--method'],
  [/^traffic\.endpoints\[0\]\.expect$/, '--expect'],
  [/^traffic\.endpoints\[0\]\.headers$/, '--header'],
  [/^collect\.metrics$/, '--metrics'],
  [/^collect\.pprof$/, '--pprof'],
  [/^collect\.postgres$/, '--postgres'],
  [/^engine$/, '--engine'],
  [/^tls$/, '--insecure'],
  [/^target$/, '--target'],
  [/^tls\.key$/, '--key'],
  [/^tls\.certificate$/, '--cert'],
  [/^target\.url$/, 'URL'],
];

function byFlag(reason: Misuse): Misuse {
  // `hold` is the rate of a hold stage, but the length of each step of a stair.
  if (reason.where === 'load.stages[0].hold')
    return { ...reason, where: /rate/.test(reason.message + reason.hint) ? '--rate' : '--hold' };
  const flag = flagOf.find(([place]) => place.test(reason.where))?.[1];
  return flag === undefined ? reason : { ...reason, where: flag };
}

const same = (reason: Misuse): Misuse => reason;

type Loaded = ScenarioSurroundings & { readonly scenario: Scenario };

async function scenarioFromUrl(url: string, flags: RunFlagValues, reasons: Reasons): Promise<Loaded> {
  const { requests, data } = flags;
  const { scenario, secrets } = scenarioFromFlags(
    {
      url,
      rate: flags.rate ?? null,
      to: flags.to ?? null,
      step: flags.step ?? null,
      hold: flags.hold,
      users: flags.users ?? null,
      thinkTime: flags.thinkTime ?? null,
      warmUp: flags.warmUp,
      arrivals: flags.arrivals,
      method: flags.method,
      headers: flags.header,
      body:
        flags.body?.startsWith('@') === true
          ? await reasons.gather('--body', null, () => textOf(resolve(flags.body?.slice(1) ?? '')))
          : (flags.body ?? null),
      expect: flags.expect,
      endpoints:
        requests === undefined ? null : await reasons.gather('--requests', null, () => readEndpointLines(requests)),
      rows:
        data === undefined
          ? []
          : await reasons.gather('--data', [], async () => parseDataRows(data, await textOf(resolve(data)))),
      auth: flags.auth ?? null,
      adminAuth: flags.adminAuth ?? null,
      metrics: flags.metrics,
      pprof: flags.pprof,
      name: flags.name ?? null,
    },
    reasons,
  );
  return { scenario, secrets, requestsModule: null, rows: null, folder: process.cwd() };
}

/** `SCRIPT.k6.ts` with flags: what is sent is the script's business. */
async function scenarioFromScript(path: string, flags: RunFlagValues, reasons: Reasons): Promise<Loaded> {
  const content = ['--body', '--data', '--requests', '--auth', '--header', '--method', '--expect'];
  refuseFlags(flags, content, 'write it into the script', reasons);
  const { target } = flags;
  if (target === undefined)
    reasons.add('--target', 'a k6 script needs the address of its service', 'write --target http://127.0.0.1:8080');
  const loaded = await scenarioFromUrl(target ?? 'http://127.0.0.1', flags, reasons);
  const scenario = {
    ...loaded.scenario,
    name: flags.name ?? k6ScriptName(path),
    target: target ?? 'http://127.0.0.1',
    traffic: { k6Script: path },
  };
  return { ...loaded, scenario, requestsModule: await bundleK6Script(resolve(path)) };
}

/** Flags that say what to send, where something else says it. */
function refuseFlags(
  { rate, to, step, users, body, data, requests, auth, ...flags }: RunFlagValues,
  refused: readonly string[],
  hint: string,
  reasons: Reasons,
): void {
  const all = {
    rate,
    to,
    step,
    users,
    body,
    data,
    requests,
    auth,
    header: flags.header[0],
    method: flags.method === 'GET' ? undefined : flags.method,
    expect: flags.expect === '' ? undefined : flags.expect,
  };
  for (const [name, value] of Object.entries(all))
    if (value !== undefined && refused.includes(`--${name}`)) reasons.add(`--${name}`, 'goes with a URL', hint);
}

async function scenarioFromFile(path: string, reasons: Reasons, flags: RunFlagValues): Promise<Loaded> {
  const shape = ['--rate', '--to', '--step', '--users', '--body', '--data', '--requests'];
  refuseFlags(flags, shape, 'write it into the scenario file', reasons);
  const secrets = new SecretValues();
  const loaded = await loadScenarioFile(path);
  return { ...loaded, scenario: secrets.scenario(loaded.scenario), secrets: secrets.values };
}

/** Flags that say how to run, not what to send, count for both forms. */
function overridden(scenario: Scenario, flags: RunFlagValues, seed: number | null, reasons: Reasons): Scenario {
  const connections = flags.connections === 'auto' ? null : Number(flags.connections);
  if (connections !== null && (!Number.isInteger(connections) || connections < 1))
    reasons.add(
      '--connections',
      `"${flags.connections}" is not a number of connections`,
      'write a whole number above 0, or auto',
    );
  return {
    ...scenario,
    ...(seed === null ? {} : { seed }),
    ...(flags.engine === 'auto' ? {} : { engine: flags.engine }),
    ...(flags.name === undefined ? {} : { name: flags.name }),
    ...(flags.objective.length === 0 ? {} : { objectives: flags.objective }),
    ...(connections === null || !(connections >= 1) ? {} : { connections }),
    ...(flags.keepalive ? {} : { keepAlive: false }),
    ...(flags.timeout === '10s' ? {} : { timeout: flags.timeout }),
    ...(flags.ca === undefined && flags.cert === undefined && flags.key === undefined && !flags.insecure
      ? {}
      : {
          tls: {
            ...scenario.tls,
            ...(flags.ca === undefined ? {} : { ca: resolve(flags.ca) }),
            ...(flags.cert === undefined ? {} : { certificate: resolve(flags.cert) }),
            ...(flags.key === undefined ? {} : { key: resolve(flags.key) }),
            ...(flags.insecure ? { insecure: true } : {}),
          },
        }),
    ...(flags.cpuSet === undefined ? {} : { processors: { ...scenario.processors, target: flags.cpuSet } }),
    collect: {
      ...scenario.collect,
      ...(flags.profiles === undefined ? {} : { profiles: flags.profiles }),
      ...(flags.metrics.length === 0 ? {} : { metrics: flags.metrics }),
      ...(flags.pprof.length === 0 ? {} : { pprof: flags.pprof }),
      ...(flags.postgres === undefined ? {} : { postgres: flags.postgres }),
    },
  };
}
