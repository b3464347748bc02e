import { z } from 'zod';
import type { Misuse } from './misuse.ts';
import { nearestName } from './nearest-name.ts';

const custom = z.object({
  hint: z.string().optional(),
  original: z
    .object({ code: z.string(), keys: z.array(z.string()).optional() })
    .loose()
    .optional(),
});

/** What does not fit the shape, a reason for each; `input` tells what is there where zod does not say. */
export function shapeFaults(shape: z.ZodType, input: unknown, prefix = ''): readonly Misuse[] {
  return (shape.safeParse(input).error?.issues ?? []).flatMap((issue) => {
    const details = issue.code === 'custom' ? custom.safeParse(issue.params ?? {}).data : undefined;
    const code = details?.original?.code ?? issue.code;
    const where = `${prefix}${pathText(issue.path)}`;
    const keys = issue.code === 'unrecognized_keys' ? issue.keys : (details?.original?.keys ?? []);
    if (code === 'unrecognized_keys')
      return keys.map((key) => foreignKey(issue.path, key, issue.message.split(' '), prefix));
    const value = valueAt(input, issue.path);
    const message = code === 'invalid_type' && value === undefined ? 'is missing' : plain(code, issue.message, value);
    return [{ where, message, hint: details?.hint ?? 'your editor shows what fits; so does docs/write-a-scenario.md' }];
  });
}

function foreignKey(path: readonly PropertyKey[], key: string, known: readonly string[], prefix: string): Misuse {
  const near = nearestName(key, known);
  return {
    where: `${prefix}${pathText([...path, key])}`,
    message: 'there is no such field',
    hint: near === null ? `the fields here are: ${known.join(', ')}` : `did you mean ${near}?`,
  };
}

function plain(code: string, message: string, value: unknown): string {
  if (code !== 'invalid_type') return message;
  const expected = /expected (\w+)/.exec(message)?.[1] ?? 'something else';
  const found = value === null ? 'null' : Array.isArray(value) ? 'a list' : `a ${typeof value}`;
  return `has to be ${/^[aeiou]/.test(expected) ? 'an' : 'a'} ${expected}, not ${found}`;
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  let value: unknown = input;
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = Reflect.get(value, key);
  }
  return value;
}

function pathText(path: readonly PropertyKey[]): string {
  return path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '');
}
