import type { MemoryStatistics } from './memory-statistics.ts';

/** Lines with two numbers, in use and obtained from the system, and the fields of MemStats they stand for. */
const pairs: Readonly<Record<string, readonly [string, string]>> = {
  Stack: ['StackInuse', 'StackSys'],
  MSpan: ['MSpanInuse', 'MSpanSys'],
  MCache: ['MCacheInuse', 'MCacheSys'],
};

/**
 * MemStats from the tail of `/debug/pprof/heap?debug=1`, which every service with pprof has, without any metrics library.
 * `MaxRSS` (bytes) is there beside Go's own fields on systems that tell it.
 *
 * @returns null where the text has no such tail.
 */
export function readMemstatsText(text: string): MemoryStatistics | null {
  const begin = text.lastIndexOf('# runtime.MemStats');
  if (begin === -1) return null;
  const fields = new Map<string, number>();
  const rings: Record<string, number[]> = {};
  for (const line of text.slice(begin).split('\n')) {
    const [, name = '', value = ''] = /^# (\w+) = (.*)$/.exec(line.trimEnd()) ?? [];
    const pair = Object.hasOwn(pairs, name) ? pairs[name] : undefined;
    if (value.startsWith('[')) rings[name] = numbersOf(value.replaceAll(/[[\]]/g, ''));
    else if (pair === undefined) set(fields, name, value);
    else for (const [index, part] of value.split(' / ').entries()) set(fields, pair[index] ?? '', part);
  }
  return { fields, pauseNanoseconds: rings['PauseNs'] ?? [], pauseEnds: rings['PauseEnd'] ?? [] };
}

function set(fields: Map<string, number>, name: string, text: string): void {
  if (name !== '' && /^-?\d/.test(text) && Number.isFinite(Number(text))) fields.set(name, Number(text));
}

const numbersOf = (text: string): number[] => text.split(/\s+/).filter(Boolean).map(Number).filter(Number.isFinite);
