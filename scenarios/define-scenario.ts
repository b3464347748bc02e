import { z } from 'zod';
import type { Scenario } from '../model/scenario.ts';
import { type Misuse, MisuseError } from './misuse.ts';

const rate = z.union([z.number(), z.string()]);
const texts = z.record(z.string(), z.string());
const off = z.literal(false);
const text = z.string();

const target = z.union([
  text,
  z.strictObject({ url: text, ready: text.optional(), readyTimeout: text.optional() }),
  z.strictObject({
    launch: z.array(text).min(1),
    directory: text.optional(),
    environment: texts.optional(),
    listening: text.optional(),
    url: text.optional(),
    ready: text.optional(),
    readyTimeout: text.optional(),
    memory: text.optional(),
    cpus: z.number().positive().optional(),
  }),
]);

const endpoint = z.strictObject({
  path: text,
  name: text.optional(),
  weight: z.number().positive().optional(),
  method: text.optional(),
  headers: texts.optional(),
  body: text.optional(),
  expect: text.optional(),
});

const isFunction = (value: unknown): boolean => typeof value === 'function';
const traffic = z.union([
  z.strictObject({ requests: z.custom(isFunction, 'requests has to be a function (iteration, random) => request') }),
  z.strictObject({ endpoints: z.array(endpoint).min(1), data: z.union([text, z.array(texts)]).optional() }),
]);

const stage = z.union([
  z.strictObject({ hold: rate, for: text, name: text.optional() }),
  z.strictObject({ ramp: z.tuple([rate, rate]), for: text, name: text.optional() }),
  z.strictObject({ stair: z.strictObject({ from: rate, to: rate, step: rate }), hold: text }),
]);

const load = z.union([
  z.strictObject({
    arrivals: z.enum(['even', 'poisson']).optional(),
    warmUp: z.union([text, z.strictObject({ rate, for: text })]).optional(),
    stages: z.array(stage).min(1),
  }),
  z.strictObject({
    users: z.union([z.number(), z.array(z.strictObject({ users: z.number(), for: text })).min(1)]),
    for: text.optional(),
    thinkTime: text.optional(),
    warmUp: text.optional(),
  }),
]);

const scenario = z.strictObject({
  name: text.min(1),
  target,
  traffic,
  load,
  prepare: z.custom(isFunction, 'prepare has to be a function').optional(),
  objectives: z.array(text).optional(),
  collect: z
    .strictObject({
      metrics: z.union([text, z.array(text)]).optional(),
      expvar: z.union([text, z.array(text)]).optional(),
      pprof: text.optional(),
      profiles: z.enum(['none', 'light', 'full']).optional(),
      interval: text.optional(),
      adminHeaders: texts.optional(),
    })
    .optional(),
  engine: z.enum(['auto', 'autocannon', 'k6']).optional(),
  seed: z.number().int().optional(),
  connections: z.union([z.number().int().positive(), z.literal('auto')]).optional(),
  keepAlive: z.boolean().optional(),
  timeout: text.optional(),
  headers: z.strictObject({ run: text.optional(), stage: text.optional() }).optional(),
  abort: z
    .strictObject({
      errors: z.union([text, off]).optional(),
      latency: z.union([text, off]).optional(),
      targetGone: z.union([text, off]).optional(),
      lateness: z.union([text, off]).optional(),
      freeDisk: z.union([text, off]).optional(),
      window: text.optional(),
    })
    .optional(),
  processors: z.strictObject({ generator: text.optional(), target: text.optional() }).optional(),
  limits: z
    .strictObject({
      latencyP99: text.optional(),
      cpu: text.optional(),
      rssGrowthPerMinute: text.optional(),
      goroutines: z.number().optional(),
      poolWait: text.optional(),
      dependencyErrors: text.optional(),
      gcCpu: text.optional(),
      gcPause: text.optional(),
      schedulingLatency: text.optional(),
      generatorCpu: text.optional(),
    })
    .optional(),
});

/**
 * The checked constructor that every scenario file calls. Looks at the form (fields, types); quantities, rates and
 * objectives are read by `planRun`, and `plimsoll plan` reports the faults of both together.
 * @throws MisuseError with every fault of form at once
 */
export function defineScenario(input: Scenario): Scenario {
  const reasons = scenarioFaults(input);
  if (reasons.length > 0) throw new MisuseError(reasons);
  return input;
}

/** Every fault of form; none where `planRun` may read it. */
export function scenarioFaults(input: unknown): readonly Misuse[] {
  const checked = scenario.safeParse(input);
  return checked.success ? [] : checked.error.issues.flatMap((issue) => faults(issue, []));
}

type Issue = z.core.$ZodIssue;

/** A union reports every alternative: say what is wrong with the one that was meant, the one with the fewest faults. */
function faults(issue: Issue, base: readonly PropertyKey[]): Misuse[] {
  const path = [...base, ...issue.path];
  if (issue.code === 'invalid_union') {
    const alternatives = issue.errors
      .map((errors) => errors.flatMap((inner) => faults(inner, path)))
      .filter((list) => list.length > 0);
    const meant = alternatives.toSorted((a, b) => distance(a, path) - distance(b, path))[0];
    if (meant !== undefined) return meant;
  }
  const where = pathText(path);
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({
      where: pathText([...path, key]),
      message: 'there is no such field',
      hint: 'your editor shows the fields; see docs/write-a-scenario.md',
    }));
  const missing = issue.code === 'invalid_type' && issue.input === undefined && /undefined/.test(issue.message);
  return [{ where, message: missing ? 'is missing' : issue.message, hint: 'see docs/write-a-scenario.md' }];
}

/** Alternatives that are of another type altogether (a text instead of an object) are farthest from what was meant. */
function distance(list: readonly Misuse[], path: readonly PropertyKey[]): number {
  const here = pathText(path);
  const ofAnotherType = list.some(({ where, message }) => where === here && message.startsWith('Invalid input'));
  const foreignFields = list.filter(({ message }) => message === 'there is no such field').length;
  return (ofAnotherType ? 1_000 : 0) + foreignFields * 10 + list.length;
}

function pathText(path: readonly PropertyKey[]): string {
  return path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '');
}
