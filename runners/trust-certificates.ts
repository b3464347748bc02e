import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createSecureContext, setDefaultCACertificates } from 'node:tls';
import type { TlsPlan } from '../model/plan.ts';
import { systemCause } from '../model/system-cause.ts';
import { RunFailure } from './world.ts';

/**
 * Lets this process ask https addresses (readiness, prepare, metrics, profiles) on the terms of the load, and finds out
 * before the load what is wrong with the files: an engine would only report each request as failed.
 * @throws RunFailure where a file cannot be read or is not what it should be
 */
export async function trustCertificates(tls: TlsPlan): Promise<void> {
  if (tls.caFile !== null) trustAuthority(tls.caFile, await pemOf(tls.caFile));
  if (tls.certificateFile !== null && tls.keyFile !== null) {
    const [cert, key] = [await pemOf(tls.certificateFile), await pemOf(tls.keyFile)];
    try {
      createSecureContext({ cert, key });
    } catch (error) {
      throw new RunFailure(
        'target',
        `the client certificate ${tls.certificateFile} and the key ${tls.keyFile} are of no use: ${systemCause(error)}`,
        'give two PEM files that belong together, the key without a passphrase',
      );
    }
  }
  // Node's one switch for it, read at each connection; it prints a warning of its own.
  if (tls.insecure) process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
}

function trustAuthority(file: string, authority: string): void {
  let certificate: X509Certificate;
  try {
    // The first of the file; Node itself would pass over what it cannot read.
    certificate = new X509Certificate(authority);
    setDefaultCACertificates([authority]);
  } catch (error) {
    throw new RunFailure(
      'target',
      `${file} holds no certificate: ${systemCause(error)}`,
      'give a PEM file, which begins with -----BEGIN CERTIFICATE-----',
    );
  }
  if (Date.parse(certificate.validTo) < Date.now())
    throw new RunFailure(
      'target',
      `the certificate in ${file} ended on ${certificate.validTo}`,
      'give one that is valid',
    );
}

async function pemOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new RunFailure('target', `${file} cannot be read: ${systemCause(error)}`, 'check the path');
  }
}
