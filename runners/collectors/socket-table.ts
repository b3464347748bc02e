import { isIPv4, isIPv6 } from 'node:net';

/** States by their number in /proc/net/tcp (include/net/tcp_states.h). */
const stateNames = [
  'ESTABLISHED',
  'SYN_SENT',
  'SYN_RECV',
  'FIN_WAIT1',
  'FIN_WAIT2',
  'TIME_WAIT',
  'CLOSE',
  'CLOSE_WAIT',
  'LAST_ACK',
  'LISTEN',
  'CLOSING',
  'NEW_SYN_RECV',
] as const;

export interface SocketEnd {
  readonly states: Record<string, number>;
  receiveQueueBytes: number;
  sendQueueBytes: number;
}

export interface SocketTable {
  /** Sockets whose own port is the one looked for. */
  readonly server: SocketEnd;
  /** Sockets whose peer's port is. */
  readonly client: SocketEnd;
  readonly listening: readonly { readonly address: string; readonly acceptQueue: number }[];
}

/**
 * Counts the sockets of one port in the texts of `/proc/net/tcp` and `/proc/net/tcp6` (proc_pid_net(5)). `addresses`
 * (see `kernelAddresses`) are those of the target, so that others who use the same port number are not counted; null:
 * any.
 */
export function readSocketTable(
  texts: readonly string[],
  port: number,
  addresses: ReadonlySet<string> | null,
): SocketTable {
  const server: SocketEnd = { states: {}, receiveQueueBytes: 0, sendQueueBytes: 0 };
  const client: SocketEnd = { states: {}, receiveQueueBytes: 0, sendQueueBytes: 0 };
  const listening: { address: string; acceptQueue: number }[] = [];
  // The kernel gives the table page by page; what moves in it meanwhile can come twice.
  const seen = new Set<string>();
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const isTarget = (end: string): boolean =>
    end.endsWith(wanted) && (addresses === null || addresses.has(end.slice(0, -wanted.length)));
  for (const line of texts.flatMap((text) => text.split('\n').slice(1))) {
    // Most lines of a busy machine are of other ports, and there may be tens of thousands.
    if (!line.includes(wanted)) continue;
    const [, local = '', remote = '', state = '', queues = ''] = line.trim().split(/ +/, 5);
    const name = stateNames[Number.parseInt(state, 16) - 1] ?? state;
    const pair = `${local} ${remote}`;
    if (seen.has(pair)) continue;
    seen.add(pair);
    const [send = 0, receive = 0] = queues.split(':').map((size) => Number.parseInt(size, 16));
    const address = local.slice(0, -wanted.length);
    if (name === 'LISTEN') {
      if (isTarget(local) || (local.endsWith(wanted) && /^0+$/.test(address)))
        listening.push({ address: readableAddress(address), acceptQueue: receive });
      continue;
    }
    const end = isTarget(local) ? server : isTarget(remote) ? client : null;
    if (end === null) continue;
    end.states[name] = (end.states[name] ?? 0) + 1;
    end.receiveQueueBytes += receive;
    end.sendQueueBytes += send;
  }
  return { server, client, listening };
}

/**
 * Addresses as the kernel prints them: 32-bit words in hexadecimal, each in the byte order of the machine (little-endian
 * wherever Node is released for, but for s390x). An IPv4 address also stands for its form mapped into IPv6.
 */
export function kernelAddresses(addresses: readonly string[]): ReadonlySet<string> {
  return new Set(
    addresses.flatMap((address) => {
      if (isIPv4(address)) {
        const word = kernelWord(address.split('.').map(Number));
        return [word, `${'0'.repeat(16)}FFFF0000${word}`];
      }
      const [plain = ''] = address.split('%');
      if (!isIPv6(plain)) return [];
      const octets = ipv6Octets(plain);
      return [[0, 4, 8, 12].map((start) => kernelWord(octets.slice(start, start + 4))).join('')];
    }),
  );
}

function kernelWord(octets: readonly number[]): string {
  return octets
    .toReversed()
    .map((octet) => octet.toString(16).toUpperCase().padStart(2, '0'))
    .join('');
}

const groups = (part: string): string[] => (part === '' ? [] : part.split(':'));

function ipv6Octets(address: string): number[] {
  // The URL parser writes an embedded IPv4 part as two groups.
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [head = '', tail] = canonical.split('::');
  const [front, back] = [groups(head), groups(tail ?? '')];
  const zeros = Array.from({ length: 8 - front.length - back.length }, () => '0');
  return [...front, ...zeros, ...back].flatMap((group) => {
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}

/** `0100007F` → `127.0.0.1`; IPv6 addresses in full groups, with zeros shortened as a URL does. */
function readableAddress(kernel: string): string {
  const octets = (kernel.match(/.{8}/g) ?? []).flatMap((word) =>
    (word.match(/../g) ?? []).map((octet) => Number.parseInt(octet, 16)).toReversed(),
  );
  if (octets.length === 4) return octets.join('.');
  const pairs = [0, 2, 4, 6, 8, 10, 12, 14].map((at) =>
    (((octets[at] ?? 0) << 8) | (octets[at + 1] ?? 0)).toString(16),
  );
  return new URL(`http://[${pairs.join(':')}]`).hostname.slice(1, -1);
}
