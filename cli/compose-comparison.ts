import type { ComparedStage } from '../analysis/comparison/compare-runs.ts';
import type { ComparisonReason, ComparisonVerdict } from '../analysis/comparison/judge-change.ts';
import type { Block, Cell, Document, Tone } from '../reports/document.ts';
import { formatLatency, formatPercent, formatQuantity, unknownText } from '../reports/format-quantity.ts';
import type { ComparedMetric, ComparisonFigures, OpenChange } from './comparison-figures.ts';

/** A comparison for a terminal: the same figures as its JSON. */
export function composeComparison(figures: ComparisonFigures): Document {
  const { metrics, verdict, warnings, runs } = figures;
  const titles = ['base', 'candidate', runs === null ? 'ratio' : 'change', '95 %', 'p (Holm)', 'detectable'];
  return {
    title: `Compared: ${verdict}`,
    subtitle: subtitleOf(figures),
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
          nameText(metric),
          armText(metric.base, metric.unit),
          armText(metric.candidate, metric.unit),
          changeText(metric, (change) => change.estimate),
          intervalText(metric),
          numberText(metric.adjustedPValue),
          metric.minimumDetectableEffect === null ? unknownText : `± ${formatPercent(metric.minimumDetectableEffect)}`,
          { text: metric.verdict, tone: tones[metric.verdict] },
        ]),
      },
      ...shiftTable(figures),
      // Of saved runs there are many, and most are the same.
      ...metrics
        .filter((metric) => runs === null || metric.verdict !== 'same')
        .map((metric) => ({
          kind: 'text' as const,
          brief: true as const,
          text: `${nameText(metric)}: ${metric.verdict}, because ${metric.reasons.map((reason) => words[reason]).join(', ')}.`,
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

function subtitleOf({ parameters, runs }: ComparisonFigures): string {
  const { direction, practicalThreshold, proportionThreshold, alpha, paired } = parameters;
  const matters = `changes below ${formatPercent(practicalThreshold)} do not matter`;
  if (runs === null) return `${direction ?? ''} is better; ${matters}; α ${alpha}`;
  const { base, candidate } = runs;
  return `${base.length} runs against ${candidate.length}${paired ? ', in pairs' : ''}; ${matters} (of errors below ${formatPercent(proportionThreshold)} of the requests); α ${alpha}`;
}

/** All stages in one table: each begins with its fastest requests. */
function shiftTable({ shift }: ComparisonFigures): readonly Block[] {
  if (shift.length === 0) return [];
  return [
    {
      kind: 'table',
      caption: 'Shift of the response times, candidate − base; intervals each alone',
      brief: true,
      columns: [
        { title: 'shift of the response times', align: 'left' },
        { title: 'quantile', align: 'left' },
        { title: 'candidate − base', align: 'right' },
        { title: '95 %, each alone', align: 'right' },
      ],
      rows: shift.flatMap(({ stage, points }) =>
        points.map(({ quantile, differenceMs: { estimate, low, high } }, index) => [
          index === 0 ? `at ${stageText(stage)}` : '',
          quantileText(quantile),
          signed(estimate),
          low === null || high === null ? unknownText : `${signed(low)} to ${signed(high)}`,
        ]),
      ),
    },
  ];
}

const signed = (milliseconds: number | null): string =>
  `${milliseconds !== null && milliseconds > 0 ? '+' : ''}${formatLatency(milliseconds)}`;

const quantileText = (quantile: number): string => `p${Number((quantile / onePercent).toPrecision(4))}`;
const onePercent = 0.01;

const stageText = ({ name, load }: ComparedStage): string => `${name} (${numberText(load)})`;

const nameText = ({ name, stage }: ComparedMetric): string =>
  stage === null ? name : `${name} at ${stageText(stage)}`;

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

/** The user's own numbers have no unit. */
const armText = (
  { median, runs }: { readonly median: number | null; readonly runs: number },
  unit: string | null,
): string =>
  median === null ? unknownText : `${unit === null ? numberText(median) : formatQuantity(median, unit)} (${runs})`;

function changeText({ ratio, difference }: ComparedMetric, of: (change: OpenChange) => number | null): string {
  if (difference !== null) return differenceText(of(difference));
  return ratio === null ? unknownText : numberText(of(ratio));
}

function intervalText({ ratio, difference }: ComparedMetric): string {
  const change = ratio ?? difference;
  if (change === null || (change.low === null && change.high === null)) return unknownText;
  const say = difference === null ? numberText : differenceText;
  return `${say(change.low)} to ${change.high === null ? 'open' : say(change.high)}`;
}

/** Of shares, so that its sign has to be seen. */
const differenceText = (value: number | null): string =>
  value === null ? unknownText : `${value > 0 ? '+' : ''}${formatPercent(value)}`;

/** Four significant digits. */
const numberText = (value: number | null): string =>
  value === null ? unknownText : String(Number(value.toPrecision(4)));
