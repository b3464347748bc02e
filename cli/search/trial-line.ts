import type { RecordedTrial } from '../../analysis/search/search-figures.ts';
import type { SearchFigures } from '../../model/search-figures.ts';
import { formatPercent, formatRate } from '../../reports/format-quantity.ts';

/** One line for a trial that is over: rate, share, decision, what is known of the bounds by now. */
export function trialLine(
  { rate, purpose, valid, reasons }: RecordedTrial,
  count: number,
  figures: SearchFigures,
): string {
  const probe = figures.probes.at(-1);
  const { low, high } = figures.boundsPerSecond;
  const share = probe?.violationShare ?? null;
  const violated = share === null ? 'no request' : `${formatPercent(share.estimate)} violate`;
  const decision = !valid
    ? `not counted, the generator was the limit (${reasons.join(', ')})`
    : share === null || figures.limit === null
      ? 'not decided'
      : share.high <= figures.limit
        ? 'holds'
        : share.low > figures.limit
          ? 'violated'
          : 'open';
  return `trial ${count} ${purpose} ${formatRate(rate)}: ${violated}: ${decision} · so far ${boundText(low)} to ${boundText(high)}`;
}

const boundText = (rate: SearchFigures['boundsPerSecond']['low']): string => (rate === null ? '?' : formatRate(rate));
