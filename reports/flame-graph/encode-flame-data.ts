import { type CallTree, functionOrigins } from '../../analysis/analysis.ts';
import { formatCount, formatPercent } from '../format-quantity.ts';
import { printable } from '../render/printable.ts';
import type { FlameData } from './flame-data.ts';

export interface FlameWishes extends Pick<FlameData, 'measure' | 'scatter' | 'shown' | 'base' | 'isCompared'> {
  /** Of each profile, as it stands in a sentence. */
  readonly titles: readonly string[];
}

/** A call tree as the page is given it: whole numbers with their common divisor taken out, names made safe to look at. */
export function encodeFlameData(tree: CallTree, { titles, ...wishes }: FlameWishes): FlameData {
  const { nodes, largestShare } = tree.leftOut;
  const factor = commonDivisor(tree.profiles.map(({ cumulative }) => cumulative));
  const all = nodes + tree.functionOf.length;
  return {
    ...wishes,
    unit: tree.unit,
    functions: tree.functions.map(({ name }) => printable(name)),
    origins: tree.functions.map(({ origin }) => functionOrigins.indexOf(origin)).join(''),
    functionOf: tree.functionOf,
    depthOf: tree.depthOf,
    factor,
    profiles: tree.profiles.map(({ cumulative, samples, durationMs, requests, note, negative }, index) => ({
      title: printable(titles[index] ?? ''),
      values: cumulative.map((value) => value / factor),
      samples,
      durationMs,
      requests,
      note: noteOf(note, negative, cumulative[0] ?? 0),
    })),
    leftOut:
      nodes === 0
        ? ''
        : `${formatCount(nodes)} of ${formatCount(all)} frames, none above ${formatPercent(largestShare)} of any profile, are drawn together as “smaller”`,
  };
}

function noteOf(note: string | null, negative: number, all: number): string | null {
  const share = all === 0 ? 0 : -negative / all;
  const left = share < 0.001 ? null : `values of ${formatPercent(share)} that the runtime took back are left out`;
  const notes = [note, left].filter((text) => text !== null);
  return notes.length === 0 ? null : printable(notes.join('; '));
}

/** Of whole numbers; 1 where some is none. */
function commonDivisor(values: readonly (readonly number[])[]): number {
  let divisor = 0;
  for (const list of values)
    for (const value of list) {
      if (!Number.isInteger(value)) return 1;
      let [one, other] = [divisor, value];
      while (other !== 0) [one, other] = [other, one % other];
      divisor = one;
    }
  return divisor === 0 ? 1 : divisor;
}
