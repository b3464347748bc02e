import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { messageOf } from '../model/message-of.ts';
import { sizeText } from '../model/size-text.ts';
import { mebibytes, seconds } from '../model/units.ts';
import { RunFailure } from './world.ts';

const requestTimeout = seconds(30);
const largestAnswer = mebibytes(16);

const requestShape = z.object({
  path: z.string(),
  method: z.string().optional(),
  headers: z.record(z.string(), z.string()).optional(),
  body: z.string().optional(),
});

/** The scenario's own `prepare`, as far as its type can be known from the outside. */
type PrepareFunction = (context: {
  url: string;
  request: (request: unknown) => Promise<{ status: number; headers: Record<string, string>; body: string }>;
}) => unknown;

const isPrepare = (value: unknown): value is PrepareFunction => typeof value === 'function';

/**
 * Runs the scenario's `prepare` step (a login, a fixture of test data) against the target and counts its requests.
 * What it gives must be JSON; it is handed to the generator in a file of its own and never enters the record.
 */
export async function prepareTraffic(
  requestsFile: string,
  url: string,
): Promise<{ readonly prepared: unknown; readonly requests: number }> {
  const module: Record<string, unknown> = await import(pathToFileURL(requestsFile).href);
  const prepare = module['prepare'];
  if (!isPrepare(prepare))
    throw new RunFailure(
      'prepare',
      'the scenario says it has a prepare step, but its module exports none',
      'this is a defect of plimsoll',
    );
  let requests = 0;
  const request = async (
    input: unknown,
  ): Promise<{ status: number; headers: Record<string, string>; body: string }> => {
    const { path, method, headers, body } = requestShape.parse(input);
    const at = new URL(path, url);
    if (at.origin !== new URL(url).origin)
      throw new RunFailure(
        'prepare',
        `prepare asked for ${at.origin}, which is not the target`,
        `only ${new URL(url).origin} may be asked`,
      );
    requests++;
    const answer = await fetch(at, {
      method: method ?? 'GET',
      ...(headers === undefined ? {} : { headers }),
      ...(body === undefined ? {} : { body }),
      redirect: 'manual',
      signal: AbortSignal.timeout(requestTimeout),
    });
    return { status: answer.status, headers: Object.fromEntries(answer.headers), body: await boundedText(answer) };
  };
  try {
    const prepared: unknown = JSON.parse(JSON.stringify((await prepare({ url, request })) ?? null));
    return { prepared, requests };
  } catch (error) {
    if (error instanceof RunFailure) throw error;
    throw new RunFailure(
      'prepare',
      `the scenario's prepare step failed: ${messageOf(error)}`,
      'try its requests by hand; nothing was sent to the workload yet',
    );
  }
}

async function boundedText(answer: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of answer.body ?? []) {
    size += part.byteLength;
    if (size > largestAnswer) throw new RangeError(`an answer of more than ${sizeText(largestAnswer)}`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}
