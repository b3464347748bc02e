/**
 * What the operating system objected to, in its words alone: of `ENOENT: no such file or directory, open '/x'` the code,
 * the call and the path are left out, since a message names its place itself.
 */
export function systemCause(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (!('code' in error)) return error.message;
  if (error.code === 'EISDIR') return 'it is a folder';
  return /^[A-Z][A-Z0-9]+: (.+?)(?:, [a-z]+(?: '.*')?)?$/s.exec(error.message)?.[1] ?? error.message;
}
