import * as load from 'k6/x/plimsoll';
import type { ScriptTraffic } from '../../../../model/traffic.ts';
import type { GeneratorJob } from '../../port.ts';
import { type LoadScript, optionsOf } from './load-script.ts';
import { resolveSecret } from './ready-requests.ts';

/*
 * What k6 runs of a user's script: one call of its default function for each due time. The engine measures what it does.
 */

/** What a script's default function is called with: nothing, there is no setup. */
type Flow = () => unknown;

/** k6's: the environment. It is set anew when a VU begins to work. */
// oxlint-disable-next-line no-underscore-dangle -- its name
declare let __ENV: Readonly<Record<string, string>>;

const idle: Flow = () => undefined;

/**
 * @param begin evaluates the user's module, once for each VU; what it throws ends the run before the load
 */
export function loadFlow(job: GeneratorJob, begin: () => { readonly default: unknown }): LoadScript {
  const { traffic } = job.plan;
  // Told when the first iteration is asked for: what is thrown while k6 reads the script, it tells nobody but its log.
  let refused: unknown = null;
  let environment: Readonly<Record<string, string>> = {};
  let flow: Flow = idle;
  try {
    if (traffic.kind !== 'k6-script') throw new TypeError('the traffic is no k6 script');
    environment = environmentOf(traffic, job.url);
    setEnvironment(environment);
    flow = flowOf(begin().default);
  } catch (error) {
    refused = error;
  }
  const [name = ''] = traffic.kind === 'k6-script' ? traffic.endpoints : [];
  return {
    options: flowOptions(job, name),
    iterate: () => {
      if (refused !== null) throw refused;
      if (load.turn() < 0 || !load.send(name)) return undefined;
      setEnvironment(environment);
      return flow();
    },
  };
}

function isFlow(exported: unknown): exported is Flow {
  return typeof exported === 'function';
}

function flowOf(exported: unknown): Flow {
  if (!isFlow(exported)) throw new TypeError('the default export of the script is no function');
  return exported;
}

/** What the scenario gives the script, and where the target is: not the machine's environment. */
function environmentOf({ environment }: ScriptTraffic, url: string): Readonly<Record<string, string>> {
  return Object.fromEntries([
    ['PLIMSOLL_URL', url],
    ...Object.entries(environment).map(([name, value]) => [name, resolveSecret(value)]),
  ]);
}

function setEnvironment(environment: Readonly<Record<string, string>>): void {
  // oxlint-disable-next-line no-underscore-dangle -- its name
  __ENV = environment;
}

function flowOptions(job: GeneratorJob, endpoint: string): LoadScript['options'] {
  const { runId, plan } = job;
  const script = {
    timeoutMs: plan.connections.requestTimeoutMs,
    headers: { [plan.headers.run]: runId },
    stageHeader: plan.headers.stage,
    root: (job.requestsFile ?? '').replace(/[^/]*$/, ''),
  };
  return {
    ...optionsOf(job, { endpoint, rehearse: false, script }),
    // A script handles failures and reads bodies in its own way, as it would in k6.
    throw: false,
    discardResponseBodies: false,
    // By these the engine knows the steps.
    systemTags: ['name', 'url', 'method', 'status', 'group', 'check'],
  };
}
