import { withoutCredentials } from './without-credentials.ts';

/** Why an answer's status code means that nothing was read, with what to do about it; null for 200. */
export function statusRefusal(code: number, location: string | undefined, usualPath: string): string | null {
  if (code === 200) return null;
  const answered = `the target answered ${code}`;
  if (code === 401)
    return `${answered}: it wants credentials; give them with --admin-auth user:password or bearer:TOKEN (in a scenario: collect.adminHeaders)`;
  if (code === 403) return `${answered}: these credentials, or this address, may not read it`;
  if (code === 404 || code === 405) return `${answered}: it is not served at this path; the usual one is ${usualPath}`;
  if (code === 429 || code === 503) return `${answered}: it shed the reading`;
  if (code >= 300 && code < 400) {
    const to =
      location === undefined ? '' : ` to ${URL.canParse(location) ? withoutCredentials(location) : 'another path'}`;
    return `${answered}: it redirects${to}, and redirects are not followed; give the final URL`;
  }
  return code >= 500 ? `${answered}: it failed while making the answer` : `${answered} instead of 200`;
}
