import type { ClosedLoadInput, EndpointInput, OpenLoadInput, Scenario, StageInput } from '../model/scenario.ts';
import type { Reasons } from './reasons.ts';
import { SecretValues } from './secret-values.ts';

/** The flags of URL mode as the command line gives them; texts with units, files already read. */
export interface RunFlags {
  readonly url: string;
  readonly rate: string | null;
  readonly to: string | null;
  readonly step: string | null;
  readonly hold: string;
  readonly users: number | null;
  readonly thinkTime: string | null;
  readonly warmUp: string;
  readonly arrivals: 'even' | 'poisson';
  readonly method: string;
  readonly headers: readonly string[];
  readonly body: string | null;
  readonly expect: string;
  /** From `--requests`; null: the URL itself is the one endpoint. */
  readonly endpoints: readonly EndpointInput[] | null;
  readonly rows: readonly Readonly<Record<string, string>>[];
  readonly auth: string | null;
  readonly adminAuth: string | null;
  readonly metrics: readonly string[];
  readonly pprof: readonly string[];
  readonly name: string | null;
}

export interface FlagScenario {
  readonly scenario: Pick<Scenario, 'name' | 'target' | 'traffic' | 'load'> & Pick<Scenario, 'collect'>;
  /** Values behind the `env:PLIMSOLL_SECRET_n` references in the scenario: for the processes, not for any record. */
  readonly secrets: Readonly<Record<string, string>>;
}

/** `plimsoll run URL …` → a scenario without a file. Faults of flags go to `reasons`. */
export function scenarioFromFlags(flags: RunFlags, reasons: Reasons): FlagScenario {
  const secrets = new SecretValues();
  const headers: Record<string, string> = {};
  for (const text of flags.headers) {
    const [, name = '', value = ''] = /^([^:]+):\s*(.*)$/s.exec(text) ?? [];
    if (name === '') reasons.add('--header', `"${text}" is not a header`, "write --header 'Name: value'");
    else if (/^\S+\s+env:/i.test(value))
      reasons.add(
        '--header',
        `the value of ${name.trim()} is not only a reference to the environment`,
        `write '${name.trim()}: env:NAME', and the whole value into the variable`,
      );
    else headers[name.trim()] = secrets.header(name.trim(), value);
  }
  const authorization = authorizationOf(flags.auth, '--auth', reasons);
  if (authorization !== null) headers['Authorization'] = secrets.hide(authorization);
  const adminAuthorization = authorizationOf(flags.adminAuth, '--admin-auth', reasons);
  const { origin, path } = splitUrl(flags.url);
  const common = {
    method: flags.method,
    headers,
    expect: flags.expect,
    ...(flags.body === null ? {} : { body: flags.body }),
  };
  const endpoints: readonly EndpointInput[] =
    flags.endpoints === null
      ? [{ ...common, path }]
      : flags.endpoints.map((endpoint) => ({
          ...endpoint,
          headers: { ...headers, ...secrets.headers(endpoint.headers ?? {}) },
        }));
  return {
    secrets: secrets.values,
    scenario: {
      name: flags.name ?? nameOf(origin, path),
      target: origin,
      traffic: { endpoints, ...(flags.rows.length === 0 ? {} : { data: flags.rows }) },
      load: loadOf(flags, reasons),
      collect: {
        metrics: flags.metrics,
        ...(flags.pprof.length === 0 ? {} : { pprof: flags.pprof }),
        ...(adminAuthorization === null ? {} : { adminHeaders: { Authorization: secrets.hide(adminAuthorization) } }),
      },
    },
  };
}

function loadOf(flags: RunFlags, reasons: Reasons): OpenLoadInput | ClosedLoadInput {
  const { rate, to, step, users, hold, warmUp } = flags;
  if (rate !== null && users !== null)
    reasons.add(
      '--users',
      'both --rate and --users are given',
      'choose one: --rate is an open loop, --users a closed one',
    );
  if (rate === null && users === null)
    reasons.add('--rate', 'neither --rate nor --users is given', 'write --rate 200 (a second), or --users 20');
  if (users !== null && to !== null) reasons.add('--to', '--to goes with --rate', 'leave it out with --users');
  if (step !== null && to === null)
    reasons.add('--step', '--step goes with --to', 'write --rate 200 --to 2000 --step 200');
  if (flags.thinkTime !== null && users === null)
    reasons.add('--think-time', '--think-time goes with --users', 'leave it out with --rate');
  if (users !== null)
    return { users, for: hold, warmUp, ...(flags.thinkTime === null ? {} : { thinkTime: flags.thinkTime }) };
  const from = rate ?? '1';
  const stage: StageInput =
    to === null
      ? { hold: from, for: hold }
      : step === null
        ? { ramp: [from, to], for: hold }
        : { stair: { from, to, step }, hold };
  return { arrivals: flags.arrivals, warmUp, stages: [stage] };
}

/** `user:password` → Basic, `bearer:TOKEN` → Bearer; `env:NAME` is taken as the whole header value. */
function authorizationOf(text: string | null, where: string, reasons: Reasons): string | null {
  if (text === null) return null;
  if (text.startsWith('env:')) return text;
  if (text.startsWith('bearer:')) return `Bearer ${text.slice('bearer:'.length)}`;
  if (text.includes(':')) return `Basic ${base64(text)}`;
  reasons.add(where, 'neither user:password nor bearer:TOKEN', `write ${where} user:password, or bearer:TOKEN`);
  return null;
}

function splitUrl(text: string): { readonly origin: string; readonly path: string } {
  // By hand, since URL would encode the {{column}} templates.
  const [, origin = text, path = ''] = /^(https?:\/\/[^/?#]*)([^#]*)/i.exec(text) ?? [];
  return { origin, path: path.startsWith('/') ? path : `/${path}` };
}

const nameOf = (origin: string, path: string): string =>
  `${origin.replace(/^https?:\/\//, '')}${path === '/' ? '' : path}`.slice(0, 60);

function base64(text: string): string {
  return btoa(String.fromCodePoint(...new TextEncoder().encode(text)));
}
