const longestShown = 200;

/**
 * A statement's text as it may be recorded: at most 200 characters on one line, without comments and without what stands in
 * quotes. pg_stat_statements puts `$1` in place of constants, but not in every kind of statement.
 */
export function shownStatement(text: string): string {
  const plain = text
    // In one pass, since each of them may hold what looks like the beginning of another.
    .replaceAll(
      /"(?:[^"]|"")*"?|(?:\b[eE])?'(?:[^'\\]|''|\\[\s\S]|\\$)*'?|\$([A-Za-z_]\w*|)\$[\s\S]*?(?:\$\1\$|$)|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/g,
      (found) => (found.startsWith('"') ? found : found.startsWith('--') || found.startsWith('/*') ? ' ' : '$?'),
    )
    .replaceAll(/\s+/g, ' ')
    .trim();
  return plain.length > longestShown ? `${plain.slice(0, longestShown - 1)}…` : plain;
}
