import { dirname, resolve } from 'node:path';
import type { EndpointInput } from '../model/scenario.ts';
import { textOf } from '../scenarios/load-scenario-file.ts';
import { MisuseError } from '../scenarios/misuse.ts';
import { Reasons } from '../scenarios/reasons.ts';
import { endpointShape } from '../scenarios/scenario-shape.ts';
import { shapeFaults } from '../scenarios/shape-faults.ts';

const hint = 'one JSON object a line: {"path": "/orders", "weight": 2, "method": "POST", "body": "…"}';

/** `--requests FILE.jsonl`: one endpoint a line. @throws MisuseError with every fault of every line */
export async function readEndpointLines(file: string): Promise<readonly EndpointInput[]> {
  const reasons = new Reasons();
  const endpoints: EndpointInput[] = [];
  for (const [index, text] of (await textOf(resolve(file))).split('\n').entries()) {
    if (text.trim() === '') continue;
    const where = `${file}:${index + 1}`;
    const endpoint = endpointOf(where, text, reasons);
    if (endpoint === null) continue;
    const { body } = endpoint;
    endpoints.push(
      body?.startsWith('@') === true
        ? { ...endpoint, body: await reasons.gather(where, '', () => textOf(resolve(dirname(file), body.slice(1)))) }
        : endpoint,
    );
  }
  if (endpoints.length === 0 && reasons.list.length === 0) reasons.add(file, 'holds no endpoint', hint);
  if (reasons.list.length > 0) throw new MisuseError(reasons.list);
  return endpoints;
}

/** The endpoint of a line; null where something is wrong with it. */
function endpointOf(where: string, text: string, reasons: Reasons): EndpointInput | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    reasons.add(where, `is not JSON${error instanceof Error ? `: ${error.message}` : ''}`, hint);
    return null;
  }
  const faults = shapeFaults(endpointShape, value);
  for (const fault of faults) reasons.add([where, fault.where].join(' ').trim(), fault.message, fault.hint);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- endpointShape looked at every field
  return faults.length === 0 ? (value as EndpointInput) : null;
}
