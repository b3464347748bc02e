/**
 * What a DSSE signature is over: "DSSEv1", length and text of the payload's type, length and bytes of the payload, one
 * blank between them. Source: DSSE protocol 1.0.0 (secure-systems-lab/dsse, protocol.md), `PAE`.
 */
export function preAuthenticationEncoding(payloadType: string, payload: Uint8Array): Uint8Array {
  const type = Buffer.from(payloadType, 'utf8');
  return Buffer.concat([
    Buffer.from(`DSSEv1 ${type.byteLength} `, 'latin1'),
    type,
    Buffer.from(` ${payload.byteLength} `, 'latin1'),
    payload,
  ]);
}
