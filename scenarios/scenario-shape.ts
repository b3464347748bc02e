import { z } from 'zod';
import { MisuseError } from './misuse.ts';
import { UnitError, parseDuration, parseRate, parseShare, parseSize } from '../model/units.ts';
import { checkRegularExpression, parseExpectation } from './parse-expectation.ts';
import { parseGrpcExpectation } from './parse-grpc-expectation.ts';
import { parseObjective } from './parse-objective.ts';

/** What is wrong with one value. */
interface Fault {
  readonly message: string;
  readonly hint: string;
}

/** A value looked at as a whole: every rule that it breaks becomes an issue of its own, with its hint. */
function leaf(check: (value: unknown) => Fault | null): z.ZodType {
  return z.unknown().superRefine((value, context) => {
    const fault = check(value);
    if (fault !== null) context.addIssue({ code: 'custom', message: fault.message, params: { hint: fault.hint } });
  });
}

/** Which alternative of a union was meant is seen from its keys, so that only its own faults are reported. */
function choice(pick: (value: unknown) => z.ZodType | Fault): z.ZodType {
  return z.unknown().superRefine((value, context) => {
    const picked = pick(value);
    if (!(picked instanceof z.ZodType)) {
      context.addIssue({ code: 'custom', message: picked.message, params: { hint: picked.hint } });
      return;
    }
    const checked = picked.safeParse(value);
    for (const { path, message, ...issue } of checked.error?.issues ?? [])
      context.addIssue({
        code: 'custom',
        path: [...path],
        message,
        // The path's last key is missing or foreign: the mapping to reasons looks at these two codes.
        params: { ...('params' in issue ? issue.params : {}), original: issue },
      });
  });
}

const has = (value: unknown, key: string): boolean => typeof value === 'object' && value !== null && key in value;
function shown(value: unknown): string {
  if (typeof value === 'string') return `"${value}"`;
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}

/** A text that `parse` can read. */
const readable = (
  parse: (text: string) => unknown,
  hint: string,
  allowed: (read: unknown) => boolean = () => true,
): z.ZodType =>
  leaf((value) => {
    if (value === undefined) return { message: 'is missing', hint };
    if (typeof value !== 'string') return { message: `${shown(value)} has to be a text with its unit`, hint };
    try {
      return allowed(parse(value)) ? null : { message: `"${value}" is out of range`, hint };
    } catch (error) {
      if (error instanceof UnitError) return { message: error.message, hint: error.hint };
      if (error instanceof MisuseError) return { message: error.message, hint: error.reasons[0]?.hint ?? hint };
      throw error;
    }
  });

const positive = (read: unknown): boolean => typeof read === 'number' && read > 0;
const durationHint = 'write a duration with its unit: 500ms, 30s, 5m';
const duration = readable(parseDuration, durationHint);
const someTime = readable(parseDuration, `${durationHint}, above 0`, positive);
const stageTime = readable(
  parseDuration,
  'a stage lasts at least 1s: 30s, 5m',
  (read) => positive(read) && Number(read) >= parseDuration('1s'),
);
const share = readable(
  parseShare,
  'write a percentage from 0% to 100%',
  (read) => Number(read) >= 0 && Number(read) <= 1,
);
const size = readable(parseSize, 'write a size with its unit: 512MiB', positive);

const rateHint = 'write requests per second above 0, such as 200, "200/s" or "30/m"';
function rate(lowest: 'zero' | 'above-zero'): z.ZodType {
  return leaf((value) => {
    if (value === undefined) return { message: 'is missing', hint: rateHint };
    let read = Number.NaN;
    if (typeof value === 'number') read = value;
    else if (typeof value === 'string')
      try {
        read = parseRate(value);
      } catch (error) {
        if (!(error instanceof UnitError)) throw error;
      }
    if (!Number.isFinite(read) || read < 0) return { message: `${shown(value)} is not a rate`, hint: rateHint };
    return read === 0 && lowest === 'above-zero' ? { message: 'a rate of 0 sends nothing', hint: rateHint } : null;
  });
}

const text = (hint: string): z.ZodType =>
  leaf((value) => {
    if (value === undefined) return { message: 'is missing', hint };
    return typeof value === 'string' && value !== '' ? null : { message: `${shown(value)} has to be a text`, hint };
  });

const number = (allowed: (value: number) => boolean, hint: string): z.ZodType =>
  leaf((value) => {
    if (value === undefined) return { message: 'is missing', hint };
    return typeof value === 'number' && allowed(value)
      ? null
      : { message: `${shown(value)} cannot be used here`, hint };
  });

const oneOf = (...names: readonly string[]): z.ZodType =>
  leaf((value) =>
    typeof value === 'string' && names.includes(value)
      ? null
      : { message: `${shown(value)} is none of the choices`, hint: `one of ${names.join(', ')}` },
  );

const functionNamed = (name: string, hint: string): z.ZodType =>
  leaf((value) => (typeof value === 'function' ? null : { message: `${name} has to be a function`, hint }));

const yesOrNo = leaf((value) =>
  typeof value === 'boolean' ? null : { message: `${shown(value)} is neither true nor false`, hint: 'true or false' },
);

const orFalse = (rule: z.ZodType): z.ZodType => choice((value) => (value === false ? z.unknown() : rule));
const oneOrMany = (rule: z.ZodType): z.ZodType => choice((value) => (Array.isArray(value) ? z.array(rule) : rule));

const headerToken = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** Headers that belong to the connection or to the framing, which plimsoll writes itself. */
const ours = ['connection', 'content-length', 'transfer-encoding', 'expect', 'upgrade'];
const headers = leaf(headerFault);

function headerFault(value: unknown): Fault | null {
  const hint = "write { 'Name': 'value' }, or 'env:NAME' as the value to keep it out of the record";
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return { message: `${shown(value)} has to be an object of texts`, hint };
  const faults = Object.entries(value).flatMap(([name, content]: [string, unknown]) => {
    if (!headerToken.test(name)) return [`"${name}" is not the name of a header`];
    if (ours.includes(name.toLowerCase())) return [`${name} is written by plimsoll itself`];
    if (typeof content !== 'string') return [`${name} has to be a text`];
    // oxlint-disable-next-line no-control-regex -- the bytes a header value must not contain
    return /[\u0000-\u0008\u000a-\u001f\u007f]/.test(content)
      ? [`${name} holds a line break or control character`]
      : [];
  });
  return faults.length === 0 ? null : { message: faults.join('; '), hint };
}

const headerName = leaf((value) =>
  typeof value === 'string' && headerToken.test(value)
    ? null
    : { message: `${shown(value)} is not the name of a header`, hint: 'such as X-Plimsoll-Run' },
);

const path = leaf((value) => {
  const hint = 'write the path from the root: /orders';
  if (value === undefined) return { message: 'is missing', hint };
  return typeof value === 'string' && value.startsWith('/')
    ? null
    : { message: `${shown(value)} does not begin with /`, hint };
});

const pattern = readable(
  (written) => {
    checkRegularExpression(written);
    // An alternative that always matches shows how many groups there are.
    if ((new RegExp(`${written}|`).exec('')?.length ?? 0) < 2)
      throw new UnitError(`"${written}" has no group for the address`, String.raw`such as 'listening on (\S+)'`);
  },
  String.raw`a regular expression whose first group is the address: 'listening on (\S+)'`,
);

const originHint = 'write the address of a server, such as http://127.0.0.1:8080';
const origin = leaf((value) => {
  if (value === undefined) return { message: 'is missing', hint: originHint };
  const url = typeof value === 'string' ? URL.parse(value) : null;
  if (url === null || url.host === '') return { message: `${shown(value)} is not a URL`, hint: originHint };
  if (url.username !== '' || url.password !== '')
    return {
      message: 'a user or password in a URL ends up in records',
      hint: "send a header instead: Authorization: 'env:NAME'",
    };
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    return { message: `${shown(value)} is neither http nor https`, hint: originHint };
  return url.pathname === '/' && url.search === '' && url.hash === ''
    ? null
    : { message: `${shown(value)} is more than a server`, hint: `write ${url.origin}, and the path in the endpoints` };
});
const adminUrl = leaf((value) => {
  const hint = 'write http://host:port/path, or a path of the target such as /metrics';
  if (typeof value === 'string' && value.startsWith('/')) return null;
  const url = typeof value === 'string' ? URL.parse(value) : null;
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:'))
    return { message: `${shown(value)} is not a URL`, hint };
  return url.username === '' && url.password === ''
    ? null
    : { message: 'a user or password in a URL ends up in records', hint: 'use collect.adminHeaders, or --admin-auth' };
});

/** The value itself is not repeated: it may hold a password. */
const variableName = leaf((value) =>
  typeof value === 'string' && /^env:[A-Za-z_][A-Za-z0-9_]*$/.test(value)
    ? null
    : {
        message: 'is no reference to the environment, and a connection string may hold a password',
        hint: "put the connection string into a variable and write 'env:DATABASE_URL'",
      },
);

const processors = leaf((value) =>
  typeof value === 'string' && /^\d+(-\d+)?(,\d+(-\d+)?)*$/.test(value)
    ? null
    : { message: `${shown(value)} is not a set of processors`, hint: 'write it as taskset takes it: 0, 1-3, 0,2-3' },
);

const settings = leaf((value) => {
  const hint = 'write { name: value } for each {{name}} of launch and environment, such as { pool: 16 }';
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return { message: `${shown(value)} has to be an object`, hint };
  const faults = Object.entries(value).flatMap(([name, content]: [string, unknown]) =>
    /^[A-Za-z_][\w-]*$/.test(name)
      ? typeof content === 'string' || (typeof content === 'number' && Number.isFinite(content))
        ? []
        : [`${name} has to be a text or a number`]
      : [`"${name}" cannot be written as {{name}}: letters, digits, _ and - only`],
  );
  return faults.length === 0 ? null : { message: faults.join('; '), hint };
});

const attached = { url: origin, ready: path.optional(), readyTimeout: someTime.optional() };
const target = choice((value) => {
  if (typeof value === 'string' || value === undefined) return origin;
  if (!has(value, 'launch')) return z.strictObject(attached, known(attached));
  const launched = {
    launch: z.array(text('the program, then its arguments')).min(1, 'is empty'),
    directory: text('a folder').optional(),
    environment: z.record(z.string(), z.string()).optional(),
    settings: settings.optional(),
    listening: pattern.optional(),
    ...attached,
    url: origin.optional(),
    memory: size.optional(),
    cpus: number((cpus) => cpus > 0, 'a number of processors above 0, such as 2 or 0.5').optional(),
  };
  return has(value, 'url') && has(value, 'listening')
    ? { message: 'both url and listening are given', hint: 'leave one of them out' }
    : z.strictObject(launched, known(launched));
});

/** Also what each line of a `--requests` file holds. */
const endpointKeys = {
  path,
  name: text('a name for the endpoint').optional(),
  weight: number((weight) => weight > 0 && Number.isFinite(weight), 'a number above 0').optional(),
  method: leaf((value) =>
    typeof value === 'string' && /^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)$/i.test(value)
      ? null
      : { message: `${shown(value)} is not a method`, hint: 'one of GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS' },
  ).optional(),
  headers: headers.optional(),
  body: text("a text, or '@file'").optional(),
  expect: readable(parseExpectation, "such as '2xx,3xx', '201,204' or 'body~REGEX'").optional(),
};
export const endpointShape = z.strictObject(endpointKeys, known(endpointKeys));

const scriptKeys = {
  k6Script: leaf((value) =>
    typeof value === 'string' && /\.[jt]s$/.test(value)
      ? null
      : { message: `${shown(value)} is not the path of a k6 script`, hint: "such as './flow.k6.ts'" },
  ),
  environment: leaf((value) => {
    const hint = "write { NAME: 'value' }, or 'env:NAME' as the value to keep it out of the record";
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return { message: `${shown(value)} has to be an object of texts`, hint };
    const faults = Object.entries(value).flatMap(([name, content]: [string, unknown]) =>
      /^[A-Za-z_]\w*$/.test(name)
        ? typeof content === 'string'
          ? []
          : [`${name} has to be a text`]
        : [`"${name}" is not the name of a variable`],
    );
    return faults.length === 0 ? null : { message: faults.join('; '), hint };
  }).optional(),
};

const data = choice((value) =>
  typeof value === 'string' ? text('a .csv or .json file') : z.array(z.record(z.string(), z.string())),
).optional();

const callKeys = {
  method: leaf((value) =>
    typeof value === 'string' && /^[A-Za-z_][\w.]*\/[A-Za-z_]\w*$/.test(value)
      ? null
      : {
          message: value === undefined ? 'is missing' : `${shown(value)} is not a method`,
          hint: "write 'package.Service/Method', such as 'shop.v1.Orders/Get'",
        },
  ),
  message: leaf((value) => {
    const hint = "write its fields: { id: '{{id}}', count: 3 }";
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return { message: `${shown(value)} is not a message`, hint };
    try {
      JSON.stringify(value);
      return null;
    } catch (error) {
      return { message: `cannot be written as JSON: ${error instanceof Error ? error.message : ''}`, hint };
    }
  }).optional(),
  name: text('a name for the endpoint').optional(),
  weight: number((weight) => weight > 0 && Number.isFinite(weight), 'a number above 0').optional(),
  metadata: leaf((value) => {
    const fault = headerFault(value);
    if (fault !== null || typeof value !== 'object' || value === null) return fault;
    const reserved = Object.keys(value).filter((name) => /^grpc-|-bin$|^(content-type|te|user-agent)$/i.test(name));
    return reserved.length === 0
      ? null
      : {
          message: `${reserved.join(', ')} cannot be given`,
          hint: 'gRPC writes grpc-…, content-type, te and user-agent itself; binary values (…-bin) are not supported',
        };
  }).optional(),
  deadline: someTime.optional(),
  expect: readable(parseGrpcExpectation, "such as 'OK,NOT_FOUND' or 'body~REGEX'").optional(),
};
const files = oneOrMany(text('a file')).optional();
const grpcKeys = {
  grpc: z.array(z.strictObject(callKeys, known(callKeys))).min(1, 'is empty'),
  proto: files,
  protoPath: oneOrMany(text('a folder')).optional(),
  data,
};

const traffic = choice((value) => {
  const hint =
    "write { endpoints: [{ path: '/' }] }, { requests: (iteration, random) => ({ path: '/' }) } or { k6Script: './flow.k6.ts' }";
  const [first, second] = ['requests', 'endpoints', 'k6Script', 'grpc'].filter((key) => has(value, key));
  if (first !== undefined && second !== undefined)
    return { message: `both ${first} and ${second} are given`, hint: 'leave one of them out' };
  if (has(value, 'k6Script')) return z.strictObject(scriptKeys, known(scriptKeys));
  if (has(value, 'grpc')) return z.strictObject(grpcKeys, known(grpcKeys));
  const requests = { requests: functionNamed('requests', hint) };
  if (has(value, 'requests')) return z.strictObject(requests, known(requests));
  if (!has(value, 'endpoints'))
    return { message: value === undefined ? 'is missing' : 'has neither endpoints, requests nor k6Script', hint };
  const endpoints = {
    endpoints: z.array(endpointShape).min(1, 'is empty'),
    data,
  };
  return z.strictObject(endpoints, known(endpoints));
});

const holdKeys = { hold: rate('above-zero'), for: stageTime, name: text('a name').optional() };
const rampEnds = leaf((value) =>
  Array.isArray(value) && value.length === 2 && value.some((end) => end !== 0 && end !== '0' && end !== '0/s')
    ? null
    : { message: `a ramp has two rates, at least one above 0`, hint: "such as { ramp: [100, 2000], for: '1m' }" },
);
const rampKeys = {
  ramp: choice((value) => (rampEnds.safeParse(value).success ? z.array(rate('zero')) : rampEnds)),
  for: stageTime,
  name: text('a name').optional(),
};
const stairSteps = { from: rate('above-zero'), to: rate('above-zero'), step: rate('above-zero') };
const stairKeys = { stair: z.strictObject(stairSteps, known(stairSteps)), hold: stageTime };
const stage = choice((value) => {
  if (has(value, 'stair')) return z.strictObject(stairKeys, known(stairKeys));
  if (has(value, 'ramp')) return z.strictObject(rampKeys, known(rampKeys));
  return z.strictObject(holdKeys, known(holdKeys));
});

const warmUpKeys = { rate: rate('above-zero'), for: duration };
const openKeys = {
  arrivals: oneOf('even', 'poisson').optional(),
  warmUp: choice((value) =>
    typeof value === 'object' ? z.strictObject(warmUpKeys, known(warmUpKeys)) : duration,
  ).optional(),
  stages: z.array(stage).min(1, 'is empty'),
};
const users = number((count) => Number.isInteger(count) && count > 0, 'a whole number of users above 0');
const userStage = { users, for: stageTime };
const closedKeys = {
  users: choice((value) =>
    Array.isArray(value) ? z.array(z.strictObject(userStage, known(userStage))).min(1, 'is empty') : users,
  ),
  for: stageTime.optional(),
  thinkTime: duration.optional(),
  warmUp: duration.optional(),
};
const load = choice((value) => {
  if (has(value, 'users') && has(value, 'stages'))
    return {
      message: 'both users (closed loop) and stages (open loop) are given',
      hint: 'leave one of them out: a rate that does not wait for answers, or users who do',
    };
  if (has(value, 'users')) return z.strictObject(closedKeys, known(closedKeys));
  return has(value, 'stages')
    ? z.strictObject(openKeys, known(openKeys))
    : {
        message: value === undefined ? 'is missing' : 'has neither stages nor users',
        hint: "write { stages: [{ hold: 100, for: '30s' }] } or { users: 20, for: '30s' }",
      };
});

const collectKeys = {
  metrics: oneOrMany(adminUrl).optional(),
  expvar: oneOrMany(adminUrl).optional(),
  pprof: oneOrMany(adminUrl).optional(),
  profiles: oneOf('none', 'light', 'full').optional(),
  postgres: variableName.optional(),
  interval: readable(
    parseDuration,
    'write 100ms or more, such as 1s: closer readings disturb the target',
    (read) => Number(read) >= parseDuration('100ms'),
  ).optional(),
  adminHeaders: headers.optional(),
};
const abortKeys = {
  errors: orFalse(share).optional(),
  latency: orFalse(someTime).optional(),
  targetGone: orFalse(someTime).optional(),
  lateness: orFalse(someTime).optional(),
  freeDisk: orFalse(size).optional(),
  window: readable(
    parseDuration,
    'write whole seconds: 5s',
    (read) => positive(read) && Number(read) % parseDuration('1s') === 0,
  ).optional(),
};
const limitKeys = {
  latencyP99: someTime.optional(),
  cpu: share.optional(),
  rssGrowthPerMinute: share.optional(),
  goroutines: number((count) => Number.isInteger(count) && count > 0, 'a whole number above 0').optional(),
  poolWait: duration.optional(),
  dependencyErrors: share.optional(),
  gcCpu: share.optional(),
  gcPause: duration.optional(),
  schedulingLatency: duration.optional(),
  generatorCpu: share.optional(),
};
const identifyingKeys = { run: headerName.optional(), stage: headerName.optional() };
const tlsKeys = {
  ca: text('the file of a certificate authority (PEM)').optional(),
  certificate: text('the file of a certificate (PEM)').optional(),
  key: text('the file of its key (PEM)').optional(),
  insecure: yesOrNo.optional(),
};
const processorKeys = { generator: processors.optional(), target: processors.optional() };

const scenarioKeys = {
  name: text('a short name for the run'),
  target,
  traffic,
  load,
  prepare: functionNamed('prepare', 'write prepare: async ({ request }) => …').optional(),
  objectives: z.array(readable(parseObjective, "such as 'p99<200ms'")).optional(),
  collect: z.strictObject(collectKeys, known(collectKeys)).optional(),
  engine: oneOf('auto', 'autocannon', 'k6').optional(),
  seed: number(
    (seed) => Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32,
    'a whole number from 0 to 4294967295',
  ).optional(),
  connections: choice((value) =>
    value === 'auto'
      ? z.unknown()
      : number((count) => Number.isInteger(count) && count > 0 && count <= 65_535, "a whole number above 0, or 'auto'"),
  ).optional(),
  keepAlive: yesOrNo.optional(),
  tls: z.strictObject(tlsKeys, known(tlsKeys)).optional(),
  timeout: someTime.optional(),
  headers: choice((value) =>
    has(value, 'run') && has(value, 'stage') && sameText(value)
      ? { message: 'run and stage have the same name', hint: 'give each header a name of its own' }
      : z.strictObject(identifyingKeys, known(identifyingKeys)),
  ).optional(),
  abort: z.strictObject(abortKeys, known(abortKeys)).optional(),
  processors: z.strictObject(processorKeys, known(processorKeys)).optional(),
  limits: z.strictObject(limitKeys, known(limitKeys)).optional(),
};

function sameText(value: unknown): boolean {
  const [first, ...rest] = typeof value === 'object' && value !== null ? Object.values(value).map(String) : [];
  return rest.some((other) => other.toLowerCase() === first?.toLowerCase());
}

/**
 * The message of a foreign key is the list of the known ones: zod's issue names only the foreign key, and the reason
 * made of it wants the nearest known one.
 */
function known(shape: Readonly<Record<string, unknown>>): { error: (issue: { code?: string }) => string | undefined } {
  return { error: ({ code }) => (code === 'unrecognized_keys' ? Object.keys(shape).join(' ') : undefined) };
}

/** What a scenario looks like, down to each quantity: every leaf reports its own fault, so that all come at once. */
export const scenarioShape = z.strictObject(scenarioKeys, known(scenarioKeys));
