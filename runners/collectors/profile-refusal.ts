import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { sizeText } from '../../model/size-text.ts';
import { mebibytes } from '../../model/units.ts';
import { statusRefusal } from './status-refusal.ts';

/** A profile that unpacks to more than this is taken for a decompression bomb; real ones are below a tenth of it. */
const largestUnpacked = mebibytes(256);

export interface ProfileAnswer {
  readonly code: number;
  readonly contentType: string | null;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

/** Why an answer holds no whole profile, or null. A profile is gzip, so its checksum tells whether all of it came. */
export async function profileRefusal(answer: ProfileAnswer): Promise<string | null> {
  const { code, body } = answer;
  if (code !== 200) return codeRefusal(answer);
  if (body.byteLength === 0) return 'the answer is empty';
  if (body[0] !== 0x1f || body[1] !== 0x8b) {
    const html =
      (answer.contentType?.includes('text/html') ?? false) || body.subarray(0, 64).toString().trim().startsWith('<');
    return `the answer is ${html ? 'a page of HTML' : 'not compressed'}, not a profile as net/http/pprof gives it`;
  }
  return await damage(body);
}

function codeRefusal({ code, headers, body }: ProfileAnswer): string | null {
  const said = headers['x-go-pprof'] === undefined ? '' : firstLine(body);
  if (/already in use/i.test(said))
    return (
      'a CPU profile was already running in the target, and Go runs only one at a time: ' +
      'is a continuous profiler or another person at work?'
    );
  if (/unknown profile/i.test(said)) return `the target answered ${code}: this Go program has no such profile`;
  const { location } = headers;
  const reason = statusRefusal(code, typeof location === 'string' ? location : undefined, '/debug/pprof');
  // Only net/http/pprof's own words are repeated: any other page could hold anything.
  return said === '' ? reason : `${reason ?? ''} ("${said}")`;
}

function firstLine(body: Buffer): string {
  const [line = ''] = body.subarray(0, 300).toString('utf8').split('\n');
  // oxlint-disable-next-line no-control-regex -- what the target says goes to a terminal
  return line.replace(/[\u0000-\u001f\u007f"]/g, ' ').trim();
}

async function damage(body: Buffer): Promise<string | null> {
  let size = 0;
  try {
    await pipeline([body], createGunzip(), async (source: AsyncIterable<Buffer>) => {
      for await (const part of source) {
        size += part.byteLength;
        if (size > largestUnpacked) throw new RangeError('larger');
      }
    });
    return size === 0 ? 'the profile is empty' : null;
  } catch (error) {
    return error instanceof RangeError
      ? `the profile unpacks to more than ${sizeText(largestUnpacked)}`
      : 'the profile is damaged or was cut off: its gzip checksum does not match';
  }
}
