import { spawnSync } from 'node:child_process';
import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { assert, integer, nat, property } from 'fast-check';
import { type Envelope, decodeEnvelope, envelopeText, opened, payloadType, sealed } from './envelope.ts';
import { preAuthenticationEncoding } from './pre-authentication-encoding.ts';
import { keyIdOf } from './signing-keys.ts';

/** Of the DSSE protocol 1.0.0, "Test Vectors". */
const published = {
  payload: Buffer.from('hello world'),
  payloadType: 'http://example.com/HelloWorld',
  encoded: 'DSSEv1 29 http://example.com/HelloWorld 11 hello world',
  x: 46950820868899156662930047687818585632848591499744589407958293238635476079160n,
  y: 5640078356564379163099075877009565129882514886557779369047442380624545832820n,
  signature: 'A3JqsQGtVsJ2O2xqrI5IcnXip5GToJ3F+FnZ+O88SjtR6rDAajabZKciJTfUiHqJPcIAriEGAHTVeCUjW2JIZA==',
};

const coordinate = (value: bigint): string =>
  Buffer.from(value.toString(16).padStart(64, '0'), 'hex').toString('base64url');

const payload = Buffer.from('{"a":"§ é"}');
const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const other = generateKeyPairSync('ed25519');

test('the published vector: what is encoded, and its signature by another implementation', (t) => {
  const encoded = preAuthenticationEncoding(published.payloadType, published.payload);
  t.is(Buffer.from(encoded).toString('latin1'), published.encoded);
  const key = createPublicKey({
    format: 'jwk',
    key: { kty: 'EC', crv: 'P-256', x: coordinate(published.x), y: coordinate(published.y) },
  });
  const asWritten = { key, dsaEncoding: 'ieee-p1363' } as const;
  const signature = Buffer.from(published.signature, 'base64');
  t.true(verify('sha256', encoded, asWritten, signature));
  t.false(
    verify(
      'sha256',
      preAuthenticationEncoding(published.payloadType, Buffer.from('hello World')),
      asWritten,
      signature,
    ),
  );
});

test('lengths are of bytes, not of characters', (t) => {
  const text = Buffer.from(preAuthenticationEncoding('§', Buffer.from('é€'))).toString();
  t.is(text, 'DSSEv1 2 § 5 é€');
});

test('openssl verifies what was sealed', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-test-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  if (spawnSync('openssl', ['version']).error !== undefined) {
    t.log('there is no openssl here');
    t.pass();
    return;
  }
  const { signatures } = sealed(payload, privateKey);
  const files = { key: join(folder, 'key.pem'), data: join(folder, 'data'), signature: join(folder, 'signature') };
  await writeFile(files.key, publicKey.export({ type: 'spki', format: 'pem' }));
  await writeFile(files.data, preAuthenticationEncoding(payloadType, payload));
  await writeFile(files.signature, Buffer.from(signatures[0]?.sig ?? '', 'base64'));
  const ask = (): number | null =>
    spawnSync(
      'openssl',
      `pkeyutl -verify -rawin -pubin -inkey ${files.key} -in ${files.data} -sigfile ${files.signature}`.split(' '),
    ).status;
  t.is(ask(), 0);
  await writeFile(files.data, preAuthenticationEncoding(payloadType, Buffer.from('{"a":"§ e"}')));
  t.not(ask(), 0);
});

const decoded = (text: string): Envelope => {
  const envelope = decodeEnvelope(text);
  if (envelope === null) throw new Error('no envelope');
  return envelope;
};

test('what was sealed is opened by its key, in either spelling of base64, and by no other key', (t) => {
  const text = envelopeText(sealed(payload, privateKey));
  t.deepEqual(opened(decoded(text), text, [publicKey]), { status: 'opened', payload });
  t.deepEqual(opened(decoded(text), text, [other.publicKey, publicKey]), { status: 'opened', payload });
  const urlSafe = text.replace(/"sig": "[^"]+"/, (field) =>
    field.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', ''),
  );
  t.is(opened(decoded(urlSafe), urlSafe, [publicKey]).status, 'opened');
  const wrong = opened(decoded(text), text, [other.publicKey]);
  t.deepEqual(wrong, {
    status: 'refused',
    reasons: [`the signature is not by the key that was given: it says that it is by ${keyIdOf(publicKey)}`],
  });
});

test('whatever is changed in the file, but for white space, it is not opened', (t) => {
  const text = envelopeText(sealed(payload, privateKey));
  assert(
    property(nat(text.length - 1), integer({ min: 33, max: 126 }), (place, code) => {
      const character = String.fromCharCode(code);
      if (text[place] === character) return true;
      const changed = text.slice(0, place) + character + text.slice(place + 1);
      const envelope = decodeEnvelope(changed);
      return envelope === null || opened(envelope, changed, [publicKey]).status === 'refused';
    }),
    { seed: 8, numRuns: 400 },
  );
  t.pass();
});

const refused = (text: string): boolean => opened(decoded(text), text, [publicKey]).status === 'refused';

test('a signature beside it, a second meaning of a name, or none at all is refused', (t) => {
  const envelope = sealed(payload, privateKey);
  const [signature] = envelope.signatures;
  t.true(refused(envelopeText({ ...envelope, signatures: [] })));
  const foreign = sealed(payload, other.privateKey).signatures;
  t.true(refused(envelopeText({ ...envelope, signatures: [...envelope.signatures, ...foreign] })));
  t.true(refused(envelopeText({ ...envelope, signatures: [{ keyid: 'other', sig: signature?.sig ?? '' }] })));
  const text = envelopeText(envelope);
  t.true(refused(text.replace('{', `{ "payload": "e30=",`)));
  t.true(refused(text.replace('{', `{ "note": "", `)));
  t.is(decodeEnvelope(text.replace('in-toto', 'other')), null);
  t.is(decodeEnvelope('nothing'), null);
});
