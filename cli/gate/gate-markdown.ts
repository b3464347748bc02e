import { type Bytes, kibibytes } from '../../model/units.ts';
import { toMarkdown } from '../../reports/render/to-markdown.ts';
import { type GateExtent, composeGate, wholeGate } from './compose-gate.ts';
import type { GateFigures } from './gate-figures.ts';

/** What a comment on GitHub takes; a job summary takes 16 times as much, and beyond that nothing is shown at all. */
export const longestMarkdown: Bytes = kibibytes(64);

/** From all down to the verdict with the checks that matter most. */
const extents: readonly GateExtent[] = [wholeGate, ...[400, 100, 25, 5].map((checks) => ({ checks, details: false }))];

/** The judgement as Markdown, with as much of it as fits: the verdict and what did not pass come first. */
export function gateMarkdown(figures: GateFigures): string {
  const texts = extents.map((extent) => () => toMarkdown(composeGate(figures, extent)));
  for (const make of texts) {
    const text = make();
    if (Buffer.byteLength(text) < longestMarkdown) return text;
  }
  return toMarkdown({ ...composeGate(figures, { checks: 0, details: false }), blocks: [] }).slice(0, longestTitle);
}

const longestTitle = 4_096;
