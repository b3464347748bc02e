/** Whose a function is: of the module under test, of another module, or of Go (its runtime and standard library). */
export type CodeOrigin = 'own' | 'library' | 'standard';

/**
 * Whose code a function of a Go program is, by the path of its package.
 *
 * @param modulePath of the program's main module; null where it is not known: then whatever is not Go's counts as own
 */
export function codeOrigin(functionName: string, modulePath: string | null): CodeOrigin {
  const path = packagePath(functionName);
  if (path === null) return 'standard';
  if (path === 'main') return 'own';
  const [first = ''] = path.split('/');
  const isModule = modulePath !== null && (path === modulePath || path.startsWith(`${modulePath}/`));
  if (isModule) return 'own';
  if (standardLibrary.has(first)) return 'standard';
  return modulePath === null ? 'own' : 'library';
}

/**
 * `net/http` of `net/http.(*conn).serve`; null for functions without a package, as assembly of the runtime has them
 * (`memeqbody`), and for those that the compiler makes of types (`type:.eq.…`).
 */
function packagePath(name: string): string | null {
  // Receivers and type arguments hold paths of their own.
  const head = name.split(/[([]/)[0] ?? '';
  const dot = head.indexOf('.', head.lastIndexOf('/') + 1);
  if (dot <= 0 || head.includes(':')) return null;
  return head.slice(0, dot).replaceAll('%2e', '.');
}

/** First elements of the paths of Go's own packages; other modules have a domain there, which has a dot. */
const standardLibrary: ReadonlySet<string> = new Set([
  'archive',
  'bufio',
  'bytes',
  'cmp',
  'compress',
  'container',
  'context',
  'crypto',
  'database',
  'debug',
  'embed',
  'encoding',
  'errors',
  'expvar',
  'flag',
  'fmt',
  'go',
  'hash',
  'html',
  'image',
  'index',
  'internal',
  'io',
  'iter',
  'log',
  'maps',
  'math',
  'mime',
  'net',
  'os',
  'path',
  'plugin',
  'reflect',
  'regexp',
  'runtime',
  'slices',
  'sort',
  'strconv',
  'strings',
  'structs',
  'sync',
  'syscall',
  'testing',
  'text',
  'time',
  'type',
  'unicode',
  'unique',
  'unsafe',
  'vendor',
  'weak',
]);
