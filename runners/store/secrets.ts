import type { Plan } from '../../model/plan.ts';
import { isSensitiveHeader } from '../../model/sensitive-header.ts';

export interface Secret {
  /** Name of the environment variable. */
  readonly name: string;
  readonly value: string;
}

/** Shorter ones (a port, "true") cannot be told from ordinary text, and hiding them would spoil figures. */
const shortestSecret = 6;

const reference = /^env:([A-Za-z_][A-Za-z0-9_]*)$/;

/** The variable an `env:NAME` value refers to; null where the text is no reference. */
export const referredVariable = (text: string): string | null => reference.exec(text)?.[1] ?? null;

/** The values behind all `env:NAME` references of a plan, longest first. */
export function secretsOfPlan(
  plan: Plan,
  environment: Readonly<Record<string, string | undefined>>,
): readonly Secret[] {
  const names = new Set<string>();
  mapStrings(plan, (text) => {
    const name = referredVariable(text);
    if (name !== null) names.add(name);
    return text;
  });
  return [...names]
    .flatMap((name) => {
      const whole = environment[name] ?? '';
      // Logs are read line by line, so a key of several lines is looked for by its lines, too.
      const values = new Set([whole, ...whole.split(/\r?\n/)]);
      return [...values].filter((value) => value.length >= shortestSecret).map((value) => ({ name, value }));
    })
    .toSorted((a, b) => b.value.length - a.value.length);
}

/** Puts `[env:NAME]` in place of each secret, as it is and as it looks inside JSON. */
export function redactor(secrets: readonly Secret[]): (text: string) => string {
  const replacements = secrets.flatMap(({ name, value }) => {
    const escaped = JSON.stringify(value).slice(1, -1);
    return (escaped === value ? [value] : [value, escaped]).map((found) => ({ found, shown: `[env:${name}]` }));
  });
  return (text) => {
    let shown = text;
    for (const { found, shown: replacement } of replacements)
      if (shown.includes(found)) shown = shown.replaceAll(found, () => replacement);
    return shown;
  };
}

const safeHeaders = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      isSensitiveHeader(name) && referredVariable(value) === null ? '[not recorded]' : value,
    ]),
  );

/**
 * The plan as it may be written down: no value of a header that authenticates, no user or password in a URL. References
 * to the environment stay, since they say where a value came from without telling it.
 */
export function withoutSecrets(plan: Plan): Plan {
  const { traffic, collect } = plan;
  return mapStrings(
    {
      ...plan,
      traffic:
        traffic.kind === 'endpoints'
          ? {
              ...traffic,
              endpoints: traffic.endpoints.map((endpoint) => ({ ...endpoint, headers: safeHeaders(endpoint.headers) })),
            }
          : traffic.kind === 'grpc'
            ? {
                ...traffic,
                endpoints: traffic.endpoints.map((endpoint) => ({
                  ...endpoint,
                  metadata: safeHeaders(endpoint.metadata),
                })),
              }
            : traffic,
      collect: { ...collect, adminHeaders: safeHeaders(collect.adminHeaders) },
    },
    withoutUrlCredentials,
  );
}

/** `postgres://user:password@host` → `postgres://host`, wherever it stands in a text. */
export const withoutUrlCredentials = (text: string): string =>
  text.includes('://') ? text.replaceAll(/(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/?#@]+@/gi, '$1') : text;

/** The same value with every string in it (not the keys) replaced. */
export function mapStrings<T>(value: T, change: (text: string) => string): T {
  const walk = (part: unknown): unknown => {
    if (typeof part === 'string') return change(part);
    if (Array.isArray(part)) return part.map(walk);
    if (typeof part === 'object' && part !== null)
      return Object.fromEntries(Object.entries(part).map(([key, inner]) => [key, walk(inner)]));
    return part;
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- strings stay strings and keys stay keys
  return walk(value) as T;
}
