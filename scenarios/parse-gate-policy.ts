import { type Document, LineCounter, isMap, isNode, isPair, isSeq, parseDocument } from 'yaml';
import { z } from 'zod';
import type { GatePolicy, ObjectiveRule, RelativeRule, Waiver } from '../model/gate-policy.ts';
import { objectiveText } from '../model/objective-text.ts';
import type { Comparison, Objective } from '../model/objective.ts';
import { isRunMetric, runMetricNames } from '../model/run-metrics.ts';
import {
  type Milliseconds,
  UnitError,
  after,
  epochMilliseconds,
  inPercent,
  parseDuration,
  parseShare,
  percent,
  ratio,
} from '../model/units.ts';
import { MisuseError, misuse } from './misuse.ts';
import { nearestName } from './nearest-name.ts';
import { parseObjective } from './parse-objective.ts';
import { Reasons } from './reasons.ts';

/** A policy is a page; anything much longer is something else. */
const longestPolicy = 262_144;

/**
 * A gate's policy from YAML (docs/gate.md). Durations, shares and objectives are read as on the command line.
 *
 * @throws MisuseError with everything that is wrong, each with `file:line`
 */
export function parseGatePolicy(file: string, text: string): GatePolicy {
  if (text.length > longestPolicy)
    throw misuse(file, `holds ${text.length} characters: that is no policy`, `the longest is ${longestPolicy}`);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const reasons = new Reasons();
  const at = (offset: number): string => `${file}:${lines.linePos(offset).line}`;
  for (const { message, pos } of [...document.errors, ...document.warnings])
    reasons.add(at(pos[0]), `is no YAML: ${message}`, 'see docs/gate.md for a whole policy');
  if (reasons.list.length > 0) throw new MisuseError(reasons.list);
  const places: Places = {
    lineOf: (path) => lines.linePos(offsetOf(document, path)).line,
    whereOf: (path) => `${file}:${lines.linePos(offsetOf(document, path)).line}${pathText(path)}`,
  };
  const data = plainData(document, file);
  if (data === null || data === undefined)
    throw misuse(file, 'is empty', 'a policy asks for something: see docs/gate.md for a whole one');
  const checked = policyShape.safeParse(data);
  if (!checked.success) {
    for (const issue of checked.error.issues) addFault(issue, places, reasons);
    throw new MisuseError(reasons.list);
  }
  const policy = policyOf(checked.data, places, reasons);
  if (reasons.list.length > 0) throw new MisuseError(reasons.list);
  return policy;
}

/** Where things stand in the file. */
interface Places {
  readonly lineOf: (path: readonly PropertyKey[]) => number;
  /** `policy.yml:7 relative[0].metric` */
  readonly whereOf: (path: readonly PropertyKey[]) => string;
}

function plainData(document: Document, file: string): unknown {
  try {
    return document.toJS();
  } catch (error) {
    // Aliases of aliases that would fill the memory.
    if (!(error instanceof ReferenceError)) throw error;
    throw misuse(file, `is no policy: ${error.message}`, 'write it out without aliases');
  }
}

/** Of the value at the path, or of the nearest thing around it that is there. */
function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  let node: unknown = document.contents;
  let offset = 0;
  for (const key of path) {
    if (isNode(node)) offset = node.range?.[0] ?? offset;
    if (isMap(node)) {
      const pair = node.items.find((item) => isPair(item) && String(item.key) === String(key));
      if (pair === undefined) return offset;
      if (isNode(pair.key)) offset = pair.key.range?.[0] ?? offset;
      node = pair.value;
    } else if (isSeq(node)) node = node.items[Number(key)];
    else return offset;
  }
  // Of a mapping the key above it says more than its first line; of an entry of a list its own.
  return isNode(node) && typeof path.at(-1) === 'number' ? (node.range?.[0] ?? offset) : offset;
}

const pathText = (path: readonly PropertyKey[]): string => {
  const joined = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('');
  return joined === '' ? '' : ` ${joined.replace(/^\./, '')}`;
};

/** A text that `parse` can read. */
const readable = <T>(parse: (text: string) => T, hint: string, allowed: (value: T) => boolean = () => true) =>
  z.string().transform((text, context): T => {
    const refuse = (message: string, way: string): never => {
      context.addIssue({ code: 'custom', message, params: { hint: way } });
      return z.NEVER;
    };
    try {
      const value = parse(text);
      return allowed(value) ? value : refuse(`"${text}" is out of range`, hint);
    } catch (error) {
      if (error instanceof UnitError) return refuse(error.message, error.hint);
      throw error;
    }
  });

const duration = readable(parseDuration, 'write a duration with its unit: 5m, 90s, 36h');
const age = readable<Milliseconds | null>(
  (text) => (text === 'any' ? null : parseDuration(text)),
  'write a duration with its unit, such as 48h, or any',
);
const share = readable(parseShare, 'write a percentage above 0% and up to 100%', (value) => value > 0 && value <= 1);
const words = z.string().trim().min(1, 'is empty');
const weight = z.number().positive();
const stages = z.array(z.int().nonnegative()).min(1);
const objective = readable(parseObjective, '');
const metric = z.string().transform((name, context) => {
  if (isRunMetric(name)) return name;
  const hint = `the metrics are ${runMetricNames.join(', ')}`;
  context.addIssue({ code: 'custom', message: `"${name}" is no metric`, params: { hint } });
  return z.NEVER;
});
const day = readable((text) => {
  const date = /^\d{4}-\d\d-\d\d$/.test(text) ? new Date(`${text}T00:00:00Z`) : new Date(Number.NaN);
  if (Number.isNaN(date.getTime()) || date.toISOString().slice(0, 10) !== text)
    throw new UnitError(`"${text}" is no day`, 'write year, month and day: 2026-12-31');
  return { text, startsAt: epochMilliseconds(date.getTime()) };
}, 'write year, month and day: 2026-12-31');

const objectiveRule = z.strictObject({
  objective,
  weight: weight.default(1),
  key: z.boolean().default(false),
});

const policyShape = z.strictObject({
  policy: words,
  evidence: z
    .strictObject({
      steady: duration.default(parseDuration('5m')),
      'max-age': age.default(parseDuration('168h')),
      metrics: z.boolean().default(true),
      profiles: z.array(z.enum(['cpu', 'heap', 'allocs', 'goroutine', 'mutex', 'block'])).default(['cpu']),
    })
    .prefault({}),
  objectives: z
    .array(z.union([objective.transform((read) => ({ objective: read, weight: 1, key: false })), objectiveRule]))
    .default([]),
  reference: z
    .strictObject({
      runs: z.array(words).default([]),
      paired: z.boolean().default(false),
      'allow-differences': z.array(words).default([]),
    })
    .prefault({}),
  relative: z
    .array(
      z.strictObject({
        metric,
        'worse-by': share,
        stages: stages.optional(),
        weight: weight.default(1),
        key: z.boolean().default(false),
      }),
    )
    .default([]),
  pass: share.default(ratio(1)),
  waivers: z
    .array(
      z.strictObject({
        check: words,
        'up-to': words,
        owner: words,
        reason: words,
        expires: day,
        scenario: words.optional(),
        stages: stages.optional(),
      }),
    )
    .default([]),
});

type ReadPolicy = z.infer<typeof policyShape>;

const fields = {
  '': Object.keys(policyShape.shape),
  evidence: ['steady', 'max-age', 'metrics', 'profiles'],
  reference: ['runs', 'paired', 'allow-differences'],
  objectives: ['objective', 'weight', 'key'],
  relative: ['metric', 'worse-by', 'stages', 'weight', 'key'],
  waivers: ['check', 'up-to', 'owner', 'reason', 'expires', 'scenario', 'stages'],
};

const customHint = z.object({ hint: z.string() });

function addFault(issue: z.core.$ZodIssue, places: Places, reasons: Reasons, above: readonly PropertyKey[] = []): void {
  const path = [...above, ...issue.path];
  if (issue.code === 'unrecognized_keys') {
    const known = Object.entries(fields).find(([name]) => name === String(path[0] ?? ''))?.[1] ?? [];
    for (const key of issue.keys) {
      const near = nearestName(key, known);
      reasons.add(
        places.whereOf([...path, key]),
        'there is no such field',
        near === null ? `the fields here are: ${known.join(', ')}` : `did you mean ${near}?`,
      );
    }
    return;
  }
  if (issue.code === 'invalid_union') {
    // A mapping was meant where one stands, else a text.
    const meant = issue.errors.find((list) =>
      list.some(({ code, path: inner }) => code !== 'invalid_type' || inner.length > 0),
    );
    for (const inner of meant ?? issue.errors[0] ?? []) addFault(inner, places, reasons, path);
    return;
  }
  const hint = issue.code === 'custom' ? customHint.safeParse(issue.params).data?.hint : undefined;
  reasons.add(places.whereOf(path), plain(issue), hint ?? 'docs/gate.md shows a whole policy');
}

/** A mapping of YAML is an object to the shape. */
const names: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
};

function plain(issue: z.core.$ZodIssue): string {
  if (issue.code !== 'invalid_type') return issue.message;
  if (/received undefined/.test(issue.message)) return 'is missing';
  return `has to be ${names[issue.expected] ?? issue.expected}`;
}

function policyOf(read: ReadPolicy, places: Places, reasons: Reasons): GatePolicy {
  const objectives = read.objectives.map((rule, index): ObjectiveRule => ({
    ...rule,
    id: objectiveText(rule.objective),
    line: places.lineOf(['objectives', index]),
  }));
  const relative = read.relative.map((rule, index): RelativeRule => ({
    id: relativeId(rule.metric, rule.stages),
    metric: rule.metric,
    worseBy: rule['worse-by'],
    stages: rule.stages ?? null,
    weight: rule.weight,
    key: rule.key,
    line: places.lineOf(['relative', index]),
  }));
  const rules = [...objectives, ...relative];
  if (rules.length === 0)
    reasons.add(places.whereOf([]), 'asks for nothing', 'a policy needs objectives, relative limits, or both');
  for (const [index, { id, line }] of rules.entries()) {
    const first = rules.findIndex((rule) => rule.id === id);
    const [list, at] = index < objectives.length ? ['objectives', index] : ['relative', index - objectives.length];
    if (first !== index)
      reasons.add(
        places.whereOf([list, at]),
        `"${id}" stands in line ${rules[first]?.line ?? line} already`,
        'name it once',
      );
  }
  const { runs, paired, 'allow-differences': allowDifferences } = read.reference;
  return {
    name: read.policy,
    evidence: {
      steadyMs: read.evidence.steady,
      maxAgeMs: read.evidence['max-age'],
      metrics: read.evidence.metrics,
      profiles: read.evidence.profiles,
    },
    objectives,
    relative,
    reference: { runs, paired, allowDifferences },
    passShare: read.pass,
    waivers: read.waivers.flatMap((waiver, index) => waiverOf(waiver, index, rules, places, reasons)),
  };
}

const relativeId = (name: string, of: readonly number[] | undefined): string =>
  `relative ${name}${of === undefined ? '' : ` at ${of.join(', ')}`}`;

const lastDay = parseDuration('24h');

function waiverOf(
  waiver: ReadPolicy['waivers'][number],
  index: number,
  rules: readonly (ObjectiveRule | RelativeRule)[],
  places: Places,
  reasons: Reasons,
): readonly Waiver[] {
  const path = ['waivers', index];
  const rule = rules.find(({ id }) => id === waiver.check);
  if (rule === undefined) {
    reasons.add(
      places.whereOf([...path, 'check']),
      `"${waiver.check}" is no check of this policy that can be missed`,
      `the checks are ${rules.map(({ id }) => `"${id}"`).join(', ')}; what evidence lacks cannot be waived`,
    );
    return [];
  }
  const upTo = reasons.collect(places.whereOf([...path, 'up-to']), null, () =>
    'objective' in rule ? laxerObjective(rule, waiver['up-to']) : laxerLimit(rule, waiver['up-to']),
  );
  if (upTo === null) return [];
  return [
    {
      check: waiver.check,
      owner: waiver.owner,
      reason: waiver.reason,
      expires: waiver.expires.text,
      expiresAt: after(waiver.expires.startsAt, lastDay),
      scenario: waiver.scenario ?? null,
      stages: waiver.stages ?? null,
      upTo,
      upToText: waiver['up-to'],
      line: places.lineOf(path),
    },
  ];
}

function laxerObjective(rule: ObjectiveRule, text: string): Waiver['upTo'] {
  const upTo = parseObjective(text);
  const [asked, allowed] = [limitOf(rule.objective), limitOf(upTo)];
  if (asked.of !== allowed.of)
    throw new UnitError(`"${text}" is about something else than "${rule.id}"`, `write ${rule.id} with a laxer limit`);
  const laxer = below(rule.objective.comparison) ? allowed.limit > asked.limit : allowed.limit < asked.limit;
  if (!laxer || below(rule.objective.comparison) !== below(upTo.comparison))
    throw new UnitError(`"${text}" is no laxer than "${rule.id}"`, 'a waiver says how far the check may be missed');
  return { kind: 'objective', objective: upTo };
}

const below = (comparison: Comparison): boolean => comparison.startsWith('<');

/** The number that is asked for, and what it is asked of. */
function limitOf(asked: Objective): { readonly of: string; readonly limit: number } {
  const where = asked.endpoint ?? '';
  switch (asked.kind) {
    case 'latency-quantile':
      return { of: `${where} p${asked.quantile}`, limit: asked.limitMs };
    case 'within':
      return { of: `${where} within ${asked.durationMs}`, limit: asked.limit };
    case 'throughput':
      return { of: `${where} throughput`, limit: asked.limitPerSecond };
    case 'rss':
      return { of: 'rss', limit: asked.limitBytes };
    case 'errors':
    case 'shed':
    case 'gc-cpu':
    case 'goroutines':
      return { of: `${where} ${asked.kind}`, limit: asked.limit };
    default:
      return asked satisfies never;
  }
}

function laxerLimit(rule: RelativeRule, text: string): Waiver['upTo'] {
  const worseBy = parseShare(text);
  if (worseBy <= rule.worseBy)
    throw new UnitError(
      `"${text}" is no laxer than the ${inPercent(ratio(rule.worseBy))}% of "${rule.id}"`,
      `write more than that: ${inPercent(percent(inPercent(ratio(rule.worseBy)) + 1))}%`,
    );
  return { kind: 'relative', worseBy };
}
