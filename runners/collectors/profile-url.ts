/** Address of one profile in a pprof folder, `…/debug/pprof`, whose own query (if any) is kept. An invalid folder is left for the GET to refuse. */
export function profileUrl(folder: string, name: string, parameters: Readonly<Record<string, string>> = {}): string {
  if (!URL.canParse(folder)) return folder;
  const url = new URL(folder);
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/${name}`;
  for (const [key, value] of Object.entries(parameters)) url.searchParams.set(key, value);
  return url.href;
}
