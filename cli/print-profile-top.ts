import type { ProfileQuestion } from './profile-flags.ts';
import { profileTopText } from './profile-top-text.ts';
import type { Terminal } from './terminal.ts';

/** Functions of a profile by their cost: for a person as `go tool pprof -top` prints them. */
export function printTop(terminal: Terminal, schema: string, question: ProfileQuestion): void {
  const { names, base, isDiffBase, top } = question;
  for (const filter of top.unmatched) terminal.note(`--${filter} matches no function and no file`);
  if (!terminal.json) {
    const against = base === null ? '' : isDiffBase ? `, compared with ${base}` : ` less ${base}`;
    terminal.out([`${names.join(' + ')}${against}`, `Type: ${top.type}`, ...profileTopText(top, question)].join('\n'));
    return;
  }
  const share = (value: number): number => (top.total === 0 ? 0 : value / top.total);
  const functions = top.functions.map(({ function: name, flat, cumulative, inlined }) => ({
    name,
    flat,
    flatShare: share(flat),
    cumulative,
    cumulativeShare: share(cumulative),
    ...(inlined === undefined ? {} : { inlined }),
  }));
  const { type: sampleType, unit, total, sum, dropped, listed, unmatched } = top;
  const figures = { sampleType, unit, total, sum, functions, dropped, listed, unmatched };
  terminal.out(JSON.stringify({ schema, files: names, base, ...figures }, null, 2));
}
