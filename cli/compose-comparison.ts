import type { ComparisonReason, ComparisonVerdict } from '../analysis/comparison/compare-samples.ts';
import type { Cell, Document, Tone } from '../reports/document.ts';
import { formatPercent, unknownText } from '../reports/format-quantity.ts';
import type { ComparisonFigures, OpenRatio } from './comparison-figures.ts';

/** A comparison for a terminal: the same figures as its JSON. */
export function composeComparison({ metrics, verdict, parameters, warnings }: ComparisonFigures): Document {
  const titles = ['base', 'candidate', 'ratio', '95 %', 'p (Holm)', 'detectable'];
  return {
    title: `Compared: ${verdict}`,
    subtitle: `${parameters.direction} is better; changes below ${formatPercent(parameters.practicalThreshold)} do not matter; α ${parameters.alpha}`,
    blocks: [
      {
        kind: 'table',
        caption: 'Metrics, medians of the runs',
        brief: true,
        columns: [
          { title: '', align: 'left' },
          ...titles.map((title) => ({ title, align: 'right' }) as const),
          { title: 'verdict', align: 'left' },
        ],
        rows: metrics.map((metric): readonly Cell[] => [
          metric.name,
          armText(metric.base),
          armText(metric.candidate),
          numberText(metric.ratio?.estimate ?? null),
          intervalText(metric.ratio),
          numberText(metric.adjustedPValue),
          metric.minimumDetectableEffect === null ? unknownText : `± ${formatPercent(metric.minimumDetectableEffect)}`,
          { text: metric.verdict, tone: tones[metric.verdict] },
        ]),
      },
      ...metrics.map(({ name, verdict: each, reasons }) => ({
        kind: 'text' as const,
        brief: true as const,
        text: `${name}: ${each}, because ${reasons.map((reason) => words[reason]).join(', ')}.`,
      })),
      ...warnings.map(({ code, message }) => ({
        kind: 'text' as const,
        brief: true as const,
        tone: 'warning' as const,
        text: `${code}: ${message}`,
      })),
    ],
  };
}

const tones: Readonly<Record<ComparisonVerdict, Tone>> = {
  same: 'good',
  better: 'good',
  worse: 'bad',
  inconclusive: 'warning',
};

const words: Readonly<Record<ComparisonReason, string>> = {
  'too-few-runs': 'three runs or fewer in an arm decide nothing',
  significant: 'a difference was found',
  'not-significant': 'no difference was found',
  'beyond-threshold': 'it is as large as the threshold or larger',
  'below-threshold': 'it is smaller than the threshold as far as can be seen',
  'within-threshold': 'all of its interval is within the threshold',
  'threshold-open': 'the interval reaches beyond the threshold (more runs would narrow it)',
  'ratio-unknown': 'zeros leave the ratio unknown',
};

const armText = ({ median, runs }: { readonly median: number | null; readonly runs: number }): string =>
  median === null ? unknownText : `${numberText(median)} (${runs})`;

function intervalText(ratio: OpenRatio | null): string {
  if (ratio === null || (ratio.low === null && ratio.high === null)) return unknownText;
  return `${numberText(ratio.low)} to ${ratio.high === null ? 'open' : numberText(ratio.high)}`;
}

/** Four significant digits: the units are the user's own. */
const numberText = (value: number | null): string =>
  value === null ? unknownText : String(Number(value.toPrecision(4)));
