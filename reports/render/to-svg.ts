import type { Chart, Document } from '../document.ts';
import { chartToSvg, withColours } from './chart-to-svg.ts';
import { palette } from '../charts/theme.ts';

/**
 * The main chart alone, for a page or a README: colours set, paper behind it. Null where the report has no chart.
 */
export async function toSvg(document: Document, theme: 'light' | 'dark' = 'light'): Promise<string | null> {
  const chart = document.blocks.find((block): block is Chart => block.kind === 'chart');
  if (chart === undefined) return null;
  const svg = await chartToSvg(chart.specification, { width: svgWidth, height: chart.height });
  const paper = `<rect width="100%" height="100%" fill="${palette[theme].paper}"/>`;
  return withColours(svg, theme).replace(/(<svg [^>]*>)/, `$1${paper}`);
}

const svgWidth = 960;
