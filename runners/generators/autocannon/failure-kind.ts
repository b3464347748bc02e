import type { FailureKind } from '../../../model/measurements.ts';

const kinds: Readonly<Record<string, FailureKind>> = {
  ECONNREFUSED: 'connection-refused',
  ECONNRESET: 'connection-reset',
  EPIPE: 'connection-reset',
  ECONNABORTED: 'connection-reset',
  ETIMEDOUT: 'connect-timeout',
  ENOTFOUND: 'dns',
  EAI_AGAIN: 'dns',
};

/** What a socket's error means; 'request-error' for those of this side (no port, no file, no route). */
export function failureKindOf(error: Error): FailureKind {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return kinds[code] ?? 'request-error';
}
