import type { Argv, Options } from 'yargs';
import { type FlagValues, withFlags } from './with-flags.ts';

const loadOptions = {
  rate: { type: 'string', describe: 'requests per second (200, 200/s, 30/m): an open loop' },
  to: { type: 'string', describe: 'go from --rate to this rate: by --step as a stair, without it as one ramp' },
  step: { type: 'string', describe: 'height of a step of the stair' },
  hold: { type: 'string', default: '20s', describe: 'length of each stage' },
  users: { type: 'number', describe: 'users who wait for each answer: a closed loop' },
  'think-time': { type: 'string', describe: 'mean pause of a user between answer and next request' },
  'warm-up': { type: 'string', default: '5s', describe: 'warm-up at the first rate, never judged; 0s for none' },
  arrivals: { choices: ['even', 'poisson'] as const, default: 'even' as const, describe: 'gaps between due times' },
} as const satisfies Record<string, Options>;

const profileOptions = {
  pprof: {
    type: 'string',
    array: true,
    default: [] as string[],
    describe: 'URL of net/http/pprof (…/debug/pprof); repeatable',
  },
  profiles: { choices: ['none', 'light', 'full'] as const, describe: 'which profiles to take' },
} as const satisfies Record<string, Options>;

const requestOptions = {
  engine: { choices: ['auto', 'autocannon', 'k6'] as const, default: 'auto' as const, describe: 'load generator' },
  method: { type: 'string', default: 'GET', describe: 'HTTP method' },
  header: {
    type: 'string',
    array: true,
    default: [] as string[],
    describe: "'Name: value' or 'Name: env:VARIABLE'; repeatable",
  },
  body: { type: 'string', describe: 'request body, or @FILE' },
  expect: { type: 'string', default: '', describe: "what counts as done: '201,204', '2xx', 'body~REGEX'" },
  data: { type: 'string', describe: 'rows for {{column}}, by iteration: FILE.csv or FILE.json' },
  requests: { type: 'string', describe: 'several endpoints with weights: FILE.jsonl' },
  auth: { type: 'string', describe: 'user:password or bearer:TOKEN for the workload; never recorded' },
  'admin-auth': { type: 'string', describe: 'user:password or bearer:TOKEN for --metrics and --pprof; never recorded' },
  metrics: { type: 'string', array: true, default: [] as string[], describe: 'URL of Prometheus metrics; repeatable' },
  postgres: {
    type: 'string',
    describe: "env:NAME of the connection string of the service's PostgreSQL (read only); the value is never recorded",
  },
  objective: {
    type: 'string',
    array: true,
    default: [] as string[],
    describe: "'p99<200ms', 'errors<0.1%', 'within(100ms)>=95%'; repeatable",
  },
  connections: { type: 'string', default: 'auto', describe: 'connections to keep open' },
  keepalive: {
    type: 'boolean',
    default: true,
    describe: 'reuse connections (--no-keepalive: a new one for each request)',
  },
  timeout: { type: 'string', default: '10s', describe: 'per request' },
  target: { type: 'string', describe: 'address of the service, where a k6 script is run' },
  name: { type: 'string', describe: 'name of the run' },
  'cpu-set': { type: 'string', describe: 'processors of a launched target, such as 1 or 1-3' },
  ca: { type: 'string', describe: 'certificate authority for https (k6 engine)' },
  cert: { type: 'string', describe: 'certificate of the client for https, with --key (k6 engine)' },
  key: { type: 'string', describe: 'key of --cert, without a passphrase' },
  insecure: { type: 'boolean', default: false, describe: 'do not verify certificates (k6 engine)' },
  'k6-binary': { type: 'string', describe: 'a k6 of your own (k6 engine)' },
} as const satisfies Record<string, Options>;

export type RequestFlagValues = FlagValues<typeof requestOptions>;
export type RunFlagValues = FlagValues<typeof loadOptions & typeof profileOptions & typeof requestOptions>;

/** The flags of `run` that say what to send, shared with `plan` and `doctor`. */
export const withRunFlags = <T>(yargs: Argv<T>): Argv<T & RunFlagValues> =>
  withFlags(yargs, { ...loadOptions, ...requestOptions, ...profileOptions });

/** Of these, what to send and how it is judged, without at which rate and for how long. */
export const withRequestFlags = <T>(yargs: Argv<T>): Argv<T & RequestFlagValues> => withFlags(yargs, requestOptions);

const { engine, metrics, objective, connections, keepalive, timeout, name, ca, cert, key, insecure } = requestOptions;
const overrideOptions = {
  engine,
  metrics,
  postgres: requestOptions.postgres,
  objective,
  connections,
  keepalive,
  timeout,
  name,
  'cpu-set': requestOptions['cpu-set'],
  ca,
  cert,
  key,
  insecure,
  'k6-binary': requestOptions['k6-binary'],
  ...profileOptions,
};
export type OverrideFlagValues = FlagValues<typeof overrideOptions>;

/** Of these, what overrides a scenario file: all that `sweep` takes, which needs one. */
export const withOverrideFlags = <T>(yargs: Argv<T>): Argv<T & OverrideFlagValues> => withFlags(yargs, overrideOptions);

/** The flags of URL mode, where there is a scenario file and none of them is given. */
export const noUrlFlags: Omit<RunFlagValues, keyof OverrideFlagValues> = {
  rate: undefined,
  to: undefined,
  step: undefined,
  hold: loadOptions.hold.default,
  users: undefined,
  thinkTime: undefined,
  warmUp: loadOptions['warm-up'].default,
  arrivals: loadOptions.arrivals.default,
  method: requestOptions.method.default,
  header: [],
  body: undefined,
  expect: requestOptions.expect.default,
  data: undefined,
  requests: undefined,
  auth: undefined,
  adminAuth: undefined,
  target: undefined,
};
