/** How admin endpoints are asked. */
export interface AdminAccess {
  /** As in the plan: values may be `env:NAME`. */
  readonly headers: Readonly<Record<string, string>>;
  /** Values of references that are not in the environment; they win over it. Never recorded. */
  readonly secrets: Readonly<Record<string, string>>;
}

export type ResolvedHeaders =
  | { readonly status: 'resolved'; readonly headers: Readonly<Record<string, string>> }
  | { readonly status: 'missing'; readonly reason: string };

const reference = /^(?:(Basic|Bearer) +)?env:([A-Za-z_][A-Za-z0-9_]*)$/i;

/**
 * Header values as they are sent. `env:NAME` stands for the variable's value, `Bearer env:NAME` for a token,
 * `Basic env:NAME` for `user:password` (encoded here) or for what is encoded already; anything else is sent as it is.
 * All variables that are not set are named at once; a value never is.
 */
export function resolveAdminHeaders(
  { headers, secrets }: AdminAccess,
  environment: Readonly<Record<string, string | undefined>>,
): ResolvedHeaders {
  const missing: string[] = [];
  const resolved: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    const [, scheme, variable] = reference.exec(value) ?? [];
    if (variable === undefined) {
      resolved[name] = value;
      continue;
    }
    const secret = secrets[variable] ?? environment[variable];
    if (secret === undefined || secret === '')
      missing.push(`header ${name} needs the environment variable ${variable}`);
    else resolved[name] = scheme === undefined ? secret : `${scheme} ${credentials(scheme, secret)}`;
  }
  return missing.length === 0
    ? { status: 'resolved', headers: resolved }
    : { status: 'missing', reason: `${missing.join('; ')}, which is not set` };
}

function credentials(scheme: string, secret: string): string {
  return scheme.toLowerCase() === 'basic' && secret.includes(':') ? Buffer.from(secret).toString('base64') : secret;
}
