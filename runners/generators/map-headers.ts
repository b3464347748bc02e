/**
 * Other values for the same names. What `Object.fromEntries` says in one line costs k6's interpreter several times as
 * much, and this is done for each request.
 */
export function mapHeaders(
  headers: Readonly<Record<string, string>>,
  valueOf: (name: string, value: string) => string,
): Record<string, string> {
  const mapped: Record<string, string> = {};
  const names = Object.keys(headers);
  for (let at = 0; at < names.length; at++) {
    const name = names[at] ?? '';
    mapped[name] = valueOf(name, headers[name] ?? '');
  }
  return mapped;
}
