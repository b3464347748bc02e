import { z } from 'zod';
import { messageOf } from '../../model/message-of.ts';

export type JsonBody =
  | { readonly value: unknown; readonly reason: null }
  | { readonly value: null; readonly reason: string };

/** A body that should be JSON; the reason where it is not. */
export function parseJson(body: string): JsonBody {
  try {
    return { value: JSON.parse(body), reason: null };
  } catch (error) {
    if (body.trimStart().startsWith('<')) return { value: null, reason: 'an HTML page instead of JSON' };
    return { value: null, reason: `not JSON: ${messageOf(error).slice(0, 120)}` };
  }
}

/** A body that one of our own collectors wrote; the reason, with the place in it, where it does not fit the schema. */
export function parseOwnBody<T>(
  schema: z.ZodType<T>,
  body: string,
): { value: T; reason: null } | { value: null; reason: string } {
  const json = parseJson(body);
  if (json.reason !== null) return json;
  const parsed = schema.safeParse(json.value);
  if (parsed.success) return { value: parsed.data, reason: null };
  const [issue] = parsed.error.issues;
  return { value: null, reason: `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'does not fit'}` };
}

export const isJsonObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Every number in a JSON value, with its path joined by dots; lists and what lies deeper than 8 levels are left out. */
export function* numbersIn(value: unknown, path: string, depth = 8): Generator<readonly [path: string, number]> {
  if (typeof value === 'number') yield [path, value];
  else if (isJsonObject(value) && depth > 0) {
    for (const key of Object.keys(value)) yield* numbersIn(value[key], path === '' ? key : `${path}.${key}`, depth - 1);
  }
}
