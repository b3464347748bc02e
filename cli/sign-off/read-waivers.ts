import { z } from 'zod';
import { type Waiver, checkIds, neverWaived } from '../../model/sign-off.ts';
import { textOf } from '../../scenarios/load-scenario-file.ts';
import type { Reasons } from '../../scenarios/reasons.ts';
import { parseEnd } from './parse-instant.ts';

const shape = z.array(
  z.strictObject({
    owner: z.string().trim().min(1),
    reason: z.string().trim().min(1),
    scope: z.enum(checkIds),
    expires: z.string(),
  }),
);

/** Waivers of a JSON file: a list of `{ owner, reason, scope, expires }`. What is wrong is noted, all of it. */
export async function readWaivers(file: string, reasons: Reasons): Promise<readonly Waiver[]> {
  const text = await reasons.gather(file, null, () => textOf(file));
  if (text === null) return [];
  const hint = `a JSON list of { "owner", "reason", "scope", "expires" }, scope one of ${waivable.join(', ')}`;
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    reasons.add(file, 'is no JSON', hint);
    return [];
  }
  const read = shape.safeParse(data);
  if (!read.success) {
    for (const { path, message } of read.error.issues)
      reasons.add(`${file}: ${path.map(String).join('.') || 'it'}`, message, hint);
    return [];
  }
  return read.data.map((waiver, index) => {
    if (neverWaived.includes(waiver.scope))
      reasons.add(`${file}: ${index}.scope`, `"${waiver.scope}" cannot be waived`, hint);
    const expires = reasons.collect(`${file}: ${index}.expires`, waiver.expires, () => parseEnd(waiver.expires));
    return { ...waiver, expires };
  });
}

const waivable = checkIds.filter((id) => !neverWaived.includes(id));
