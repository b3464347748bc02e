/** A profile that the target's pprof index lists, with how many samples it has now. */
export interface IndexedProfile {
  readonly name: string;
  readonly count: number | null;
}

const row = /<td>\s*(\d+)\s*<\/td>\s*<td>\s*<a href=['"]?([\w.-]+)[^>]*>/gi;
const link = /<a href=['"]?([\w.-]+)\?debug=/gi;

/**
 * Profiles listed by the page that net/http/pprof serves at the root of its folder; empty where the page is another.
 * Go's own page is a table of count and name; forks of it often keep only the links.
 */
export function readPprofIndex(page: string): IndexedProfile[] {
  const found = new Map<string, number | null>();
  for (const [, count = '', name = ''] of page.matchAll(row)) found.set(name, Number(count));
  for (const [, name = ''] of page.matchAll(link)) if (!found.has(name)) found.set(name, null);
  return [...found].map(([name, count]) => ({ name, count }));
}
