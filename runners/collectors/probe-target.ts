import { type Captured, captureFailed, captured } from '../../model/measurements.ts';
import { type Milliseconds, bytes, mebibytes, milliseconds, seconds } from '../../model/units.ts';
import type { World } from '../world.ts';
import type { AdminAccess } from './admin-headers.ts';
import { type BoundedAnswer, type BoundedHttp, boundedHttp } from './bounded-http.ts';
import { expvarRefusal } from './expvar-collector.ts';
import { type IndexedProfile, readPprofIndex } from './pprof-index.ts';
import { profileRefusal } from './profile-refusal.ts';
import { profileUrl } from './profile-url.ts';
import { prometheusAccept, prometheusRefusal } from './prometheus-collector.ts';
import { type MetricFamily, presentFamilies } from './runtime-metrics.ts';
import { statusRefusal } from './status-refusal.ts';
import { withoutCredentials } from './without-credentials.ts';

export interface ProbeOptions {
  readonly world: Pick<World, 'now' | 'environment'>;
  /** Base of the workload; its query is ignored. */
  readonly url: string;
  /** Further bases where the usual paths are looked for, such as `http://host:6060`. */
  readonly adminUrls: readonly string[];
  /** Addresses that are known already, asked as they are. */
  readonly known: readonly { readonly role: ProbedRole; readonly url: string }[];
  /** Whether the usual admin ports of the same host may be asked as well. */
  readonly tryUsualPorts: boolean;
  /** Whether a CPU profile of one second may be taken, to learn whether another one is running. */
  readonly tryCpuProfile: boolean;
  readonly access: AdminAccess;
}

export type ProbedRole = 'prometheus' | 'expvar' | 'pprof';

/** One address that was asked. */
export interface ProbedEndpoint {
  /** What it was hoped to be. */
  readonly role: ProbedRole;
  readonly url: string;
  /** What answered, whatever was hoped for; or why nothing of use did. */
  readonly answer: Captured<{ readonly kind: ProbedRole | 'html' | 'other'; readonly durationMs: Milliseconds }>;
}

export interface PprofProbe {
  readonly url: string;
  readonly profiles: readonly IndexedProfile[];
  /**
   * `recording`: the block profile has entries. `nothing-recorded`: off, or nothing blocked yet; a running program
   * does not tell which.
   */
  readonly block: Captured<'recording' | 'nothing-recorded'>;
  /** `runtime.SetMutexProfileFraction`; 0 is off. */
  readonly mutexFraction: Captured<number>;
  readonly hasGoroutineLeak: boolean;
  /** Null: not tried. */
  readonly cpuProfile: Captured<{ readonly durationMs: Milliseconds }> | null;
}

/** What a target lets be known. Every URL is without credentials. */
export interface TargetProbe {
  readonly endpoints: readonly ProbedEndpoint[];
  /** Null where no address answered as one. */
  readonly prometheus: {
    readonly url: string;
    /** `go1.26.8`, of `go_info`; null where it is not exposed. */
    readonly goVersion: string | null;
    readonly present: readonly MetricFamily[];
    readonly missing: readonly MetricFamily[];
  } | null;
  readonly expvar: {
    readonly url: string;
    readonly variables: readonly string[];
    readonly hasMemstats: boolean;
  } | null;
  readonly pprof: PprofProbe | null;
}

const usualPorts = [6060, 9090, 2112, 8081];
const usualPaths: readonly { readonly role: ProbedRole; readonly path: string }[] = [
  { role: 'prometheus', path: '/metrics' },
  { role: 'expvar', path: '/debug/vars' },
  { role: 'pprof', path: '/debug/pprof' },
];
const timeout = seconds(5);
const largest = mebibytes(32);

interface Found {
  readonly endpoint: ProbedEndpoint;
  /** As it was asked; may hold credentials. */
  readonly url: string;
  readonly text: string;
  readonly guessed: boolean;
}

/** Asks the usual places of a Go service what it can say of itself. Reads only; never throws. */
export async function probeTarget(options: ProbeOptions): Promise<TargetProbe> {
  const http = boundedHttp(options.world, options.access);
  // Credentials are for the addresses the user named, not for whatever listens on a guessed port.
  const anonymous = boundedHttp(options.world, { headers: {}, secrets: {} });
  try {
    const found = await askAll(candidates(options), (guessed) => (guessed ? anonymous : http));
    const first = (kind: ProbedRole): Found | undefined =>
      found.find(({ endpoint: { answer } }) => answer.status === 'captured' && answer.value.kind === kind);
    const [metrics, variables, profiles] = [first('prometheus'), first('expvar'), first('pprof')];
    return {
      endpoints: found.map(({ endpoint }) => endpoint),
      prometheus: metrics === undefined ? null : describeMetrics(metrics),
      expvar: variables === undefined ? null : describeVariables(variables),
      pprof:
        profiles === undefined
          ? null
          : await describeProfiles(profiles.guessed ? anonymous : http, profiles, options.tryCpuProfile),
    };
  } finally {
    http.close();
    anonymous.close();
  }
}

interface Candidate {
  readonly role: ProbedRole;
  readonly url: string;
  readonly guessed: boolean;
}

const placesAt = (bases: readonly string[], guessed: boolean): Candidate[] =>
  bases.flatMap((base) => usualPaths.map(({ role, path }) => ({ role, url: at(base, path), guessed })));

function candidates({ url, adminUrls, known, tryUsualPorts }: ProbeOptions): Candidate[] {
  const usualBases = usualPorts.flatMap((port) => {
    if (!tryUsualPorts || !URL.canParse(url)) return [];
    const { protocol, hostname } = new URL(url);
    return [`${protocol}//${hostname}:${port}/`];
  });

  const all = [
    ...known.map((place) => ({ ...place, guessed: false })),
    ...placesAt([url, ...adminUrls], false),
    ...placesAt(usualBases, true),
  ];
  return all.filter((place, index) => all.findIndex((other) => other.url === place.url) === index);
}

/** One after the other, since a probe should not look like an attack; a server that can't be reached is asked once. */
async function askAll(places: readonly Candidate[], httpFor: (guessed: boolean) => BoundedHttp): Promise<Found[]> {
  const found: Found[] = [];
  const unreachable = new Map<string, string>();
  for (const place of places) {
    const origin = URL.canParse(place.url) ? new URL(place.url).origin : place.url;
    const known = unreachable.get(origin);
    const answer: BoundedAnswer =
      known === undefined
        ? // oxlint-disable-next-line no-await-in-loop
          await get(httpFor(place.guessed), place.role === 'pprof' ? profileUrl(place.url, '') : place.url)
        : { status: 'failed', reason: known, durationMs: milliseconds(0), bytes: bytes(0) };
    if (answer.status === 'failed' && answer.bytes === 0) unreachable.set(origin, answer.reason);
    const text = answer.status === 'answered' ? answer.body.toString('utf8') : '';
    const { role, url, guessed } = place;
    found.push({
      endpoint: { role, url: withoutCredentials(url), answer: judge(answer, text, role) },
      url,
      text,
      guessed,
    });
  }
  return found;
}

function at(base: string, path: string): string {
  if (!URL.canParse(base)) return base;
  const url = new URL(base);
  url.search = '';
  url.pathname = `${url.pathname.replace(/\/+$/, '')}${path}`;
  return url.href;
}

function get(http: BoundedHttp, url: string, timeoutMs = timeout): Promise<BoundedAnswer> {
  const accept = `${prometheusAccept},application/json;q=0.1`;
  return http.get({ url, accept, compressed: true, timeoutMs, maxBytes: largest });
}

function judge(answer: BoundedAnswer, text: string, role: ProbedRole): ProbedEndpoint['answer'] {
  if (answer.status === 'failed') return captureFailed(answer.reason);
  const { location } = answer.headers;
  const usual = usualPaths.find((place) => place.role === role)?.path ?? '/';
  const refusal = statusRefusal(answer.code, typeof location === 'string' ? location : undefined, usual);
  if (refusal !== null) return captureFailed(refusal);
  return captured({ kind: kindOf(text, answer.contentType), durationMs: answer.durationMs });
}

function kindOf(text: string, contentType: string | null): ProbedRole | 'html' | 'other' {
  if (readPprofIndex(text).some(({ name }) => name === 'goroutine')) return 'pprof';
  if (prometheusRefusal(text, contentType) === null) return 'prometheus';
  if (expvarRefusal(text, contentType) === null) return 'expvar';
  return /^\s*</.test(text) ? 'html' : 'other';
}

function describeMetrics({ endpoint: { url }, text }: Found): NonNullable<TargetProbe['prometheus']> {
  const goVersion = /^go_info\{[^}]*version="([^"]+)"/m.exec(text)?.[1] ?? null;
  return { url, goVersion, ...presentFamilies(text) };
}

function describeVariables({ endpoint: { url }, text }: Found): NonNullable<TargetProbe['expvar']> {
  // expvar writes one variable a line, so its names can be listed although the rest may be damaged.
  const variables = [...text.matchAll(/^"([^"]+)": /gm)].map(([, name = '']) => name);
  return { url, variables, hasMemstats: variables.includes('memstats') };
}

async function describeProfiles(http: BoundedHttp, index: Found, tryCpu: boolean): Promise<PprofProbe> {
  const profiles = readPprofIndex(index.text);
  const readable = (name: string): Promise<BoundedAnswer> => get(http, profileUrl(index.url, name, { debug: '1' }));
  return {
    url: index.endpoint.url,
    profiles,
    block: judgeBlock(await readable('block')),
    mutexFraction: judgeMutex(await readable('mutex')),
    hasGoroutineLeak: profiles.some(({ name }) => name === 'goroutineleak'),
    cpuProfile: tryCpu ? await takeCpuProfile(http, index.url) : null,
  };
}

function judgeBlock(answer: BoundedAnswer): PprofProbe['block'] {
  const text = legacyText(answer);
  if (text.status !== 'captured') return text;
  if (!text.value.startsWith('--- contention')) return captureFailed('the answer is not a block profile');
  return captured(/^\d+ \d+ @/m.test(text.value) ? 'recording' : 'nothing-recorded');
}

function judgeMutex(answer: BoundedAnswer): PprofProbe['mutexFraction'] {
  const text = legacyText(answer);
  if (text.status !== 'captured') return text;
  const period = /^sampling period=(\d+)/m.exec(text.value)?.[1];
  return period === undefined ? captureFailed('the answer names no sampling period') : captured(Number(period));
}

function legacyText(answer: BoundedAnswer): Captured<string> {
  if (answer.status === 'failed') return captureFailed(answer.reason);
  const refusal = statusRefusal(answer.code, undefined, '/debug/pprof');
  return refusal === null ? captured(answer.body.toString('utf8')) : captureFailed(refusal);
}

async function takeCpuProfile(http: BoundedHttp, url: string): Promise<NonNullable<PprofProbe['cpuProfile']>> {
  const answer = await get(http, profileUrl(url, 'profile', { seconds: '1' }), milliseconds(timeout + seconds(1)));
  if (answer.status === 'failed') return captureFailed(answer.reason);
  const refusal = await profileRefusal(answer);
  return refusal === null ? captured({ durationMs: answer.durationMs }) : captureFailed(refusal);
}
