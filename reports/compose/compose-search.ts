import type { Analysis } from '../../analysis/analysis.ts';
import type { Plan } from '../../model/plan.ts';
import type { ProbeFigures, SearchFigures } from '../../model/search-figures.ts';
import type { Block, Cell, Document, Fact, VerdictBlock } from '../document.ts';
import { formatDuration, formatPercent, formatRate, formatSetting } from '../format-quantity.ts';
import { asSentence } from './as-sentence.ts';
import { buildTable, texts } from './build-table.ts';
import { composeRun } from './compose-run.ts';

/**
 * The report of a search: what was found and by what it is certified, every trial, and then the report of all trials as
 * one run.
 */
export function composeSearch(analysis: Analysis, plan: Plan, figures: SearchFigures): Document {
  const run = composeRun(analysis, plan);
  const [verdict, ...sections] = run.blocks;
  const limiter =
    verdict?.kind === 'verdict' ? verdict.facts.filter(({ id }) => id === 'limiter' || id === 'next-limiter') : [];
  return {
    title: `${run.title}: search`,
    subtitle: run.subtitle,
    blocks: [
      verdictBlock(analysis, figures, limiter),
      ...figures.reasons.map((text): Block => ({ kind: 'text', text: asSentence(text), tone: 'warning', brief: true })),
      { kind: 'heading', level: 2, text: 'Trials', brief: true },
      trialsTable(figures),
      ...searchesTable(figures),
      { kind: 'text', text: howItWorks(figures), tone: 'muted' },
      ...sections,
    ],
  };
}

function verdictBlock({ verdict }: Analysis, figures: SearchFigures, limiter: readonly Fact[]): VerdictBlock {
  return {
    kind: 'verdict',
    status: verdict.status,
    headline: headline(figures),
    facts: [
      { id: 'water-level', label: 'water-level', ...waterLevel(figures) },
      ...limiter,
      { id: 'objectives', label: 'objective', ...asked(figures) },
      ...conditional(figures),
      ...certified(figures),
    ],
  };
}

type Said = Pick<Fact, 'value' | 'note'>;

function headline(figures: SearchFigures): string {
  const { low } = figures.boundsPerSecond;
  switch (figures.status) {
    case 'found':
      return figures.conclusive
        ? `${formatRate(low)} is the highest rate that holds the objectives`
        : `${formatRate(low)} held the objectives, but the evidence is too weak to rely on`;
    case 'generator-limited':
      return `the generator, not the target, is the limit${low === null ? '' : `; ${formatRate(low)} held`}`;
    case 'never-overloaded':
      return `nothing was violated${low === null ? '' : `: ${formatRate(low)} held`}`;
    case 'always-overloaded':
      return 'the objectives were violated at every rate that was tried';
    case 'unfinished':
      return `the search is not finished${low === null ? '' : `; ${formatRate(low)} held so far`}`;
    default:
      return figures.status satisfies never;
  }
}

function waterLevel({ status, boundsPerSecond: { low, high }, crossingPerSecond }: SearchFigures): Said {
  if (low === null) return { value: 'unknown', note: high === null ? null : `${formatRate(high)} violates` };
  if (status !== 'found')
    return {
      value: `≥ ${formatRate(low)}`,
      note: high === null ? 'the highest rate that was seen to hold' : `${formatRate(high)} violates`,
    };
  const crossing =
    crossingPerSecond === null
      ? ''
      : `; crossed at ${formatRate(crossingPerSecond.estimate)}, 95%: ${formatRate(crossingPerSecond.low)} to ${formatRate(crossingPerSecond.high)}`;
  return { value: formatRate(low), note: `passes; ${formatRate(high)} fails${crossing}` };
}

function asked({ objective, limit, windowMs }: SearchFigures): Said {
  if (objective === null || limit === null) return { value: 'no trial was made', note: null };
  return {
    value: objective,
    note: `at most ${formatSetting(limit, 'ratio')} of all requests may violate it, over a window of ${formatDuration(windowMs)}`,
  };
}

function conditional({ conditionalThroughputPerSecond: done }: SearchFigures): readonly Fact[] {
  if (done === null) return [];
  return [
    {
      id: 'conditional-throughput',
      label: 'throughput',
      value: `${formatRate(done.estimate)} within the objective`,
      note: `at ${formatRate(done.atPerSecond)}, 95%: ${formatRate(done.low)} to ${formatRate(done.high)}`,
    },
  ];
}

function certified({ certificate }: SearchFigures): readonly Fact[] {
  if (certificate === null) return [];
  const { result, durationMs, confidence, restarts, note } = certificate;
  return [
    {
      id: 'certificate',
      label: 'certificate',
      value: `${result}: ${formatDuration(durationMs)} of trials, probability at least ${formatPercent(confidence)}, ${restarts} restart${restarts === 1 ? '' : 's'} of the target`,
      note,
    },
  ];
}

const tones = { pass: 'good', fail: 'bad', undecided: 'warning', invalid: 'warning', open: 'muted' } as const;

function trialsTable({ probes, searches }: SearchFigures): Block {
  const column = (title: string, of: (probe: ProbeFigures) => Cell, leaves?: number) => ({
    ...texts(title, probes.map(of)),
    ...(leaves === undefined ? {} : { leaves }),
  });
  return {
    ...buildTable('Every trial, with the share of its requests that violated the objective and its 95% interval.', [
      column('trial', (probe) => String(probes.indexOf(probe) + 1)),
      ...(searches.length === 0 ? [] : [column('search', ({ search }) => String(search), 2)]),
      column('purpose', ({ purpose }) => purpose),
      column('rate', ({ ratePerSecond }) => formatRate(ratePerSecond)),
      column('length', ({ durationMs }) => formatDuration(durationMs)),
      column('violate', ({ violationShare }) => formatPercent(violationShare?.estimate ?? null)),
      column('95%', ({ violationShare: share }) =>
        share === null ? '' : `${formatPercent(share.low)} to ${formatPercent(share.high)}`,
      ),
      column('rate is', ({ decision, reasons }) => ({
        text: reasons.length === 0 ? decision : `${decision} (${reasons.join(', ')})`,
        tone: tones[decision],
      })),
    ]),
    brief: true,
  };
}

function searchesTable({ searches }: SearchFigures): readonly Block[] {
  if (searches.length === 0) return [];
  return [
    buildTable('Each search by itself.', [
      texts(
        'search',
        searches.map((_, index) => String(index + 1)),
      ),
      texts(
        'passes',
        searches.map(({ ratePerSecond }) => formatRate(ratePerSecond)),
      ),
      texts(
        'fails',
        searches.map(({ failsFromPerSecond }) => formatRate(failsFromPerSecond)),
      ),
      texts(
        'crossed at, 95%',
        searches.map(
          ({ crossingPerSecond: { estimate, low, high } }) =>
            `${formatRate(estimate)}, ${formatRate(low)} to ${formatRate(high)}`,
        ),
      ),
    ]),
  ];
}

function howItWorks({ certificate }: SearchFigures): string {
  const confidence = certificate === null ? '' : ` (${formatPercent(certificate.confidence)})`;
  return `A rate passes or fails when a model of all trials of its search says so with enough probability${confidence}; what is undecided is not promised. Trials in which the generator was the limit count for nothing. Below, all trials are shown as stages of one run, the pauses between them left out.`;
}
