import { readFile, readdir, readlink } from 'node:fs/promises';
import { basename } from 'node:path';
import { isIPv4 } from 'node:net';
import { networkInterfaces } from 'node:os';
import { processStat } from './process-group.ts';

export interface Listener {
  readonly processId: number;
  readonly command: string;
}

/** The processes that hold a listening socket of this address; empty where they may not be seen. Linux only. */
export async function findListeners(ip: string, port: number): Promise<readonly Listener[]> {
  const sockets = await listeningSockets(ip, port);
  if (sockets.size === 0) return [];
  const listeners: Listener[] = [];
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const processId = Number(entry);
    if (!(await holdsOneOf(processId, sockets))) continue;
    listeners.push({ processId, command: await programOf(processId) });
  }
  return listeners.toSorted((a, b) => a.processId - b.processId);
}

/** The binary's name; the name a process gives itself (Node's is "MainThread") where the binary may not be seen. */
async function programOf(processId: number): Promise<string> {
  const binary = await readlink(`/proc/${processId}/exe`).catch(() => null);
  return binary === null ? ((await processStat(processId))?.command ?? '') : basename(binary);
}

async function holdsOneOf(processId: number, sockets: ReadonlySet<string>): Promise<boolean> {
  const folder = `/proc/${processId}/fd`;
  // Other users' processes may not be looked into, and processes end while we look.
  for (const file of await readdir(folder).catch(() => [])) {
    const link = await readlink(`${folder}/${file}`).catch(() => '');
    const inode = /^socket:\[(\d+)\]$/.exec(link)?.[1];
    if (inode !== undefined && sockets.has(inode)) return true;
  }
  return false;
}

async function listeningSockets(ip: string, port: number): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for (const file of ['/proc/net/tcp', '/proc/net/tcp6']) {
    const text = await readFile(file, 'utf8').catch(() => '');
    for (const socket of parseListening(text))
      if (socket.port === port && (isWildcard(socket.ip) || socket.ip === plainAddress(ip))) found.add(socket.inode);
  }
  return found;
}

/** The listening sockets in the text of `/proc/net/tcp` or `tcp6` (proc(5)): state 0A, address in host byte order. */
export function parseListening(text: string): readonly { ip: string; port: number; inode: string }[] {
  return text.split('\n').flatMap((line) => {
    const match = /^\s*\d+: ([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4}) \S+ 0A (?:\S+ ){5}\s*(\d+)/.exec(
      line.replaceAll(/ +/g, ' '),
    );
    if (match === null) return [];
    const [, address = '', port = '', inode = ''] = match;
    return [{ ip: plainAddress(addressOf(address)), port: Number.parseInt(port, 16), inode }];
  });
}

/** Groups of four bytes, each reversed on the little-endian machines that Go and Node run on. */
function addressOf(hex: string): string {
  const octets = (hex.match(/.{8}/g) ?? []).flatMap((word) => (word.match(/../g) ?? []).toReversed());
  if (octets.length === 4) return octets.map((octet) => Number.parseInt(octet, 16)).join('.');
  const groups: string[] = [];
  for (let index = 0; index < octets.length; index += 2)
    groups.push(Number.parseInt(`${octets[index] ?? ''}${octets[index + 1] ?? ''}`, 16).toString(16));
  return groups.join(':');
}

const isWildcard = (ip: string): boolean => ip === '0.0.0.0' || ip === '::';

/** One spelling for each: IPv4 in IPv6 as IPv4, IPv6 shortened. */
function plainAddress(ip: string): string {
  if (isIPv4(ip)) return ip;
  const host = new URL(`http://[${ip}]`).hostname.slice(1, -1);
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(host);
  if (mapped === null) return host;
  const bits = [mapped[1] ?? '', mapped[2] ?? ''].map((part) => Number.parseInt(part, 16));
  return bits.flatMap((part) => [part >> 8, part & 0xff]).join('.');
}

/** Whether an address belongs to this machine. */
export function isOwnAddress(ip: string): boolean {
  const plain = plainAddress(ip);
  if (plain === '::1' || plain.startsWith('127.')) return true;
  return Object.values(networkInterfaces()).some((list) =>
    list?.some(({ address }) => plainAddress(address) === plain),
  );
}

/** Programs that pass connections on: readings of them would be taken for the service's. */
const forwarders = /^(docker-proxy|rootlessport|rootlesskit|kubectl|ssh|sshd.*|slirp4netns|pasta.*|gvproxy|socat)$/;

export const isForwarder = (listener: Listener): boolean => forwarders.test(listener.command);
