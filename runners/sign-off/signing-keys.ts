import { type KeyObject, createHash, createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { systemCause } from '../../model/system-cause.ts';
import { UnreadableRun } from '../store/unreadable-run.ts';

const howToMake = 'make one with "plimsoll signoff key", or "openssl genpkey -algorithm ed25519 -out key.pem"';

/** @throws UnreadableRun where the file holds no Ed25519 private key without a password */
export async function readSigningKey(file: string): Promise<KeyObject> {
  const text = await textOf(file);
  return ed25519(file, 'private', () => createPrivateKey(text));
}

/** A public key, or the one of a private key's file. @throws UnreadableRun where the file holds no Ed25519 key */
export async function readVerifyingKey(file: string): Promise<KeyObject> {
  const text = await textOf(file);
  return ed25519(file, 'public', () => createPublicKey(text));
}

async function textOf(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: unknown) => {
    throw new UnreadableRun(`${file} cannot be read: ${systemCause(error)}`, howToMake);
  });
}

function ed25519(file: string, kind: 'private' | 'public', read: () => KeyObject): KeyObject {
  let key: KeyObject;
  try {
    key = read();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new UnreadableRun(`${file} holds no ${kind} key as PEM that could be read`, howToMake);
  }
  if (key.asymmetricKeyType === 'ed25519') return key;
  throw new UnreadableRun(`${file} holds a key of ${key.asymmetricKeyType ?? 'another kind'}, not ed25519`, howToMake);
}

/** Names a key: SHA-256 of its public half in DER (SubjectPublicKeyInfo), as hexadecimal digits. */
export function keyIdOf(key: KeyObject): string {
  const half = key.type === 'private' ? createPublicKey(key) : key;
  return createHash('sha256')
    .update(half.export({ type: 'spki', format: 'der' }))
    .digest('hex');
}

/** A new pair as PEM: PKCS #8 and SubjectPublicKeyInfo, which openssl reads, too. */
export function newKeyPair(): { readonly privatePem: string; readonly publicPem: string; readonly keyId: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return {
    privatePem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    keyId: keyIdOf(publicKey),
  };
}
