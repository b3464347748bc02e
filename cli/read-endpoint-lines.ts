import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import type { EndpointInput } from '../model/scenario.ts';
import { textOf } from '../scenarios/load-scenario-file.ts';
import { MisuseError } from '../scenarios/misuse.ts';
import { Reasons } from '../scenarios/reasons.ts';

const endpointLine = z.strictObject({
  path: z.string(),
  name: z.string().optional(),
  weight: z.number().positive().optional(),
  method: z.string().optional(),
  headers: z.record(z.string(), z.string()).optional(),
  body: z.string().optional(),
  expect: z.string().optional(),
});

const hint = 'one JSON object a line: {"path": "/orders", "weight": 2, "method": "POST", "body": "…"}';

/** `--requests FILE.jsonl`: one endpoint a line. @throws MisuseError with one reason for each wrong line */
export async function readEndpointLines(file: string): Promise<readonly EndpointInput[]> {
  const reasons = new Reasons();
  const endpoints: EndpointInput[] = [];
  for (const [index, text] of (await textOf(resolve(file))).split('\n').entries()) {
    if (text.trim() === '') continue;
    const where = `${file}:${index + 1}`;
    const read = endpointOf(text);
    if (typeof read === 'string') {
      reasons.add(where, read, hint);
      continue;
    }
    const { body, ...rest } = read;
    const whole = body?.startsWith('@') === true ? await bodyOf(where, file, body.slice(1), reasons) : body;
    endpoints.push({ ...withoutUndefined(rest), path: rest.path, ...(whole === undefined ? {} : { body: whole }) });
  }
  if (endpoints.length === 0 && reasons.list.length === 0) reasons.add(file, 'holds no endpoint', hint);
  if (reasons.list.length > 0) throw new MisuseError(reasons.list);
  return endpoints;
}

/** The endpoint of a line, or what is wrong with it. */
function endpointOf(text: string): z.infer<typeof endpointLine> | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return `is not JSON${error instanceof Error ? `: ${error.message}` : ''}`;
  }
  const parsed = endpointLine.safeParse(value);
  if (parsed.success) return parsed.data;
  return parsed.error.issues.map(({ path, message }) => [path.join('.'), message].join(' ').trim()).join(', ');
}

async function bodyOf(where: string, file: string, body: string, reasons: Reasons): Promise<string> {
  try {
    return await textOf(resolve(dirname(file), body));
  } catch (error) {
    if (!(error instanceof MisuseError)) throw error;
    for (const { message, hint: way } of error.reasons) reasons.add(where, message, way);
    return '';
  }
}

function withoutUndefined<T extends object>(value: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- exactly the entries that are undefined are gone
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as never;
}
