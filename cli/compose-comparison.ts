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
      ...reasonTexts(figures),
      ...warnings.map(({ code, message }) => ({
        kind: 'text' as const,
        brief: true as const,
        tone: 'warning' as const,
        text: `${code}: ${message}`,
      })),
    ],
  };
}

/** Of saved runs there are many, and most are the same: those that share their reasons share a line. */
function reasonTexts({ metrics, runs }: ComparisonFigures): readonly Block[] {
  const told = metrics.filter(({ verdict }) => runs === null || verdict !== 'same');
  const groups = Map.groupBy(told, ({ name, verdict, reasons }) =>
    runs === null ? name : `${verdict} ${reasons.join(' ')}`,
  );
  return [...groups.values()].flatMap((list) => {
    const [first] = list;
    if (first === undefined) return [];
    const names = list.length > mostNamed ? `${list.length} metrics` : list.map(nameText).join(', ');
    const why = first.reasons.map((reason) => words[reason]).join(', ');
    return [{ kind: 'text', brief: true, text: `${names}: ${first.verdict}, because ${why}.` }];
  });
}

const mostNamed = 4;

function subtitleOf({ parameters, runs }: ComparisonFigures): string {
  const { direction, practicalThreshold, proportionThreshold, alpha, paired } = parameters;
  const matters = `changes below ${formatPercent(practicalThreshold)} do not matter`;
  if (runs === null) return `${direction ?? ''} is better; ${matters}; α ${alpha}`;
  const { base, candidate } = runs;
  return `${base.length} ${base.length === 1 ? 'run' : 'runs'} against ${candidate.length}${paired ? ', in pairs' : ''}; ${matters} (of errors below ${formatPercent(proportionThreshold)} of the requests); α ${alpha}`;
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
      rows: shift.flatMap(({ stage, timedFrom, points }) =>
        points.map(({ quantile, differenceMs: { estimate, low, high } }, index) => [
          index === 0 ? `${timedFrom === 'first-byte' ? 'service times ' : ''}at ${stageText(stage)}` : '',
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

/** Most stages are named by their load. */
const stageText = ({ name, load }: ComparedStage): string =>
  name.includes(numberText(load)) ? name : `${name} (${numberText(load)})`;

const nameText = ({ name, stage, timedFrom }: ComparedMetric): string =>
  stage === null ? name : `${name}${timedFrom === 'first-byte' ? ' of service' : ''} at ${stageText(stage)}`;

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
