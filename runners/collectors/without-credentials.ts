const secretName =
  /token|secret|passw|pwd|credential|signature|^sig$|session|jwt|auth|api[-_]?key|access[-_]?key|^key$|^code$/i;

/**
 * The URL as it may be shown and stored: no user and password, and the values of query parameters whose names suggest
 * a secret replaced by `REDACTED`. A text that is no HTTP URL is not repeated, since what it holds can't be told.
 */
export function withoutCredentials(url: string): string {
  const shown = URL.canParse(url) ? new URL(url) : null;
  if (shown === null || !shown.protocol.startsWith('http')) return '(not an HTTP URL)';
  shown.username = '';
  shown.password = '';
  shown.hash = '';
  for (const name of new Set(shown.searchParams.keys()))
    if (secretName.test(name)) shown.searchParams.set(name, 'REDACTED');
  return shown.href;
}
