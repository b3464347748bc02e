import { RunFailure } from '../world.ts';

export interface TargetAddress {
  /** Origin, `http://host:port`. */
  readonly url: string;
  /** As `net.connect` takes it: IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
}

const hint = 'give an address such as http://127.0.0.1:8080';

/** The origin of a URL, checked: http or https, no credentials. @throws RunFailure */
export function addressOfUrl(text: string): TargetAddress {
  const url = URL.parse(text);
  if (url === null) throw new RunFailure('target', `"${text}" is no URL`, hint);
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw new RunFailure('target', `the target's URL begins with ${url.protocol}, not with http: or https:`, hint);
  if (url.username !== '' || url.password !== '')
    throw new RunFailure(
      'target',
      "the target's URL holds a user name or password, which would be written into the record",
      "take them out and send a header instead: 'Authorization: env:NAME'",
    );
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  return { url: url.origin, host, port: url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port) };
}

/**
 * From what a service says it listens on: a URL, `host:port`, `:port` or a port alone. An address that means "all of
 * mine" (none, 0.0.0.0, [::], *) becomes this machine's loopback. @throws RunFailure
 */
export function addressFromText(text: string): TargetAddress {
  const said = text.trim();
  const url = /^https?:\/\//i.test(said) ? said : `http://${/^\d+$/.test(said) ? `:${said}` : said}`;
  const local = url
    .replace(/^(https?:\/\/)(?:\*|0\.0\.0\.0)?(?=:\d)/i, (_, scheme: string) => `${scheme}127.0.0.1`)
    .replace(/^(https?:\/\/)\[::\]/i, (_, scheme: string) => `${scheme}[::1]`);
  const misunderstood = new RunFailure(
    'target',
    `the target said it listens on "${said}", which is no address`,
    "the pattern's first group must be host:port or a URL",
  );
  if (url !== said && !/:\d+$/.test(url)) throw misunderstood;
  try {
    return addressOfUrl(local);
  } catch (error) {
    if (!(error instanceof RunFailure)) throw error;
    throw misunderstood;
  }
}
