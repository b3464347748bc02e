import { type KeyObject, sign, verify } from 'node:crypto';
import { z } from 'zod';
import { preAuthenticationEncoding } from './pre-authentication-encoding.ts';
import { keyIdOf } from './signing-keys.ts';

export const payloadType = 'application/vnd.in-toto+json';

/** A DSSE envelope; `payload` and `sig` are base64. */
export interface Envelope {
  readonly payload: string;
  readonly payloadType: string;
  readonly signatures: readonly { readonly keyid: string; readonly sig: string }[];
}

const shape = z.strictObject({
  payload: z.string(),
  payloadType: z.string(),
  signatures: z.array(z.strictObject({ keyid: z.string(), sig: z.string() })),
});

/** Signs bytes as an in-toto statement with an Ed25519 key. */
export function sealed(payload: Uint8Array, key: KeyObject): Envelope {
  const signature = sign(null, preAuthenticationEncoding(payloadType, payload), key);
  return {
    payload: Buffer.from(payload).toString('base64'),
    payloadType,
    signatures: [{ keyid: keyIdOf(key), sig: signature.toString('base64') }],
  };
}

export const envelopeText = (envelope: Envelope): string => `${JSON.stringify(envelope, null, 2)}\n`;

/** Null where the text is no DSSE envelope of an in-toto statement at all. */
export function decodeEnvelope(text: string): Envelope | null {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    return null; // no JSON is no envelope
  }
  const kind = z.object({ payloadType: z.literal(payloadType), payload: z.string() }).safeParse(data);
  if (!kind.success) return null;
  const whole = shape.safeParse(data);
  return whole.success ? whole.data : { payload: kind.data.payload, payloadType, signatures: [] };
}

/** Why the envelope is not believed; `payload` only where every signature is by one of the keys. */
export type Opened =
  | { readonly status: 'opened'; readonly payload: Uint8Array }
  | { readonly status: 'refused'; readonly reasons: readonly string[] };

/**
 * Opens an envelope by the keys that are trusted: each signature has to be by one of them. `text` is the file that it was
 * read from: what the signature does not cover (names, their order, further keys, other spellings of base64) has to be as
 * it is written, so that no byte but white space can be changed unseen.
 */
export function opened(envelope: Envelope, text: string, keys: readonly KeyObject[]): Opened {
  const reasons: string[] = [];
  const payload = decodeBase64(envelope.payload);
  if (payload === null) reasons.push('the payload is no base64');
  if (withoutBlanks(text) !== withoutBlanks(JSON.stringify(envelope)))
    reasons.push('the envelope was changed after it was written: it holds more than payload, its type and signatures');
  if (envelope.signatures.length === 0) reasons.push('there is no signature');
  for (const [index, { keyid, sig }] of envelope.signatures.entries()) {
    const name = envelope.signatures.length === 1 ? 'the signature' : `signature ${index + 1}`;
    const signature = decodeBase64(sig);
    const key = keys.find((each) => payload !== null && isBy(each, envelope.payloadType, payload, signature));
    if (key === undefined) {
      const known = keys.some((each) => keyIdOf(each) === keyid);
      reasons.push(
        known
          ? `${name} does not fit: what was signed, or the signature, was changed`
          : `${name} is not by the key that was given: it says that it is by ${keyid}`,
      );
    } else if (keyIdOf(key) !== keyid) reasons.push(`${name} names another key than the one it is by`);
  }
  return payload === null || reasons.length > 0 ? { status: 'refused', reasons } : { status: 'opened', payload };
}

/** The payload without a look at who signed it. */
export const unverifiedPayload = ({ payload }: Envelope): Uint8Array | null => decodeBase64(payload);

const withoutBlanks = (text: string): string => text.replaceAll(/[ \n\r\t]/g, '');

function isBy(key: KeyObject, type: string, payload: Uint8Array, signature: Uint8Array | null): boolean {
  return signature !== null && verify(null, preAuthenticationEncoding(type, payload), key, signature);
}

/** Standard or URL-safe, as the specification has it, in the one spelling that these bytes have; else null. */
function decodeBase64(text: string): Buffer | null {
  const urlSafe = /[-_]/.test(text);
  const bytes = Buffer.from(text, urlSafe ? 'base64url' : 'base64');
  const spellings = [bytes.toString('base64'), bytes.toString('base64url')];
  const padded = (spellings[0] ?? '').replaceAll('+', '-').replaceAll('/', '_');
  return [...spellings, padded].includes(text) ? bytes : null;
}
