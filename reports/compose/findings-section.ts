import type { Evidence, Finding } from '../../model/finding.ts';
import type { Block, FindingBlock } from '../document.ts';
import { formatQuantity, formatSetting } from '../format-quantity.ts';
import { sayLimiter, sayMeasure, sayWarning } from '../wording.ts';
import { buildTable, counts, texts } from './build-table.ts';
import { type RunView, loadText } from './run-view.ts';

/** What stops the service and what to do about it; what could not be answered comes last and folded. */
export function findingsSection(view: RunView): Block[] {
  const { findings, stages } = view.analysis;
  if (findings.length === 0 && !stages.some(({ validity }) => validity.status === 'valid')) return [];
  const answered = findings.filter(({ status }) => status !== 'not-applicable').toSorted(byWeight);
  const open = findings.filter(({ status }) => status === 'not-applicable');
  return [
    { kind: 'heading', level: 2, text: 'What stops it', brief: true },
    ...crossings(view),
    ...answered.map((finding) => findingBlock(view, finding)),
    ...(answered.length === 0
      ? [
          {
            kind: 'text',
            text: 'No finding: none of the questions that could be answered found a cause.',
            tone: 'muted',
            brief: true,
          } as const,
        ]
      : []),
    ...(open.length === 0 ? [] : [openQuestions(open)]),
  ];
}

const order = ['critical', 'warning', 'info'];

function byWeight(left: Finding, right: Finding): number {
  return order.indexOf(left.severity) - order.indexOf(right.severity);
}

function findingBlock(view: RunView, finding: Finding): FindingBlock {
  return {
    kind: 'finding',
    id: finding.id,
    status: finding.status,
    severity: finding.severity,
    title: finding.title,
    lines: finding.evidence.map((one) => evidenceText(view, one)),
    advice: finding.recommendation,
    doubts: finding.warnings.map(sayWarning),
  };
}

function evidenceText(view: RunView, { source, statement, value, unit, stage }: Evidence): string {
  const number = value === null ? '' : `: ${formatQuantity(value, unit ?? '1')}`;
  const where = stage === null ? '' : `, stage ${stage} (${loadText(view, stage)})`;
  return `${statement}${number}${where} [${source}]`;
}

/** Every signal that crossed its limit, in the order of load; the first is the limiter. */
function crossings({ analysis, plan }: RunView): Block[] {
  const { limiter, crossed } = analysis.capacity;
  const all = limiter === null ? [] : [limiter, ...crossed];
  if (all.length === 0) return [];
  return [
    buildTable('Signals that crossed their limit, in the order of load. The first one is called the limiter.', [
      texts(
        'signal',
        all.map(({ signal }) => sayLimiter(signal)),
      ),
      texts(
        'measured there',
        all.map(({ signal, value, unit }) => `${formatQuantity(value, unit)} ${sayMeasure(signal)}`.trimEnd()),
      ),
      {
        ...texts(
          'limit',
          all.map(({ limit, unit }) => formatSetting(limit, unit)),
        ),
        align: 'right',
      },
      counts(
        'first at stage',
        all.map(({ firstStage }) => firstStage),
      ),
      texts(
        'load',
        all.map(({ firstStage }) => loadText({ analysis, plan }, firstStage)),
      ),
    ]),
  ];
}

function openQuestions(open: readonly Finding[]): Block {
  return buildTable(
    'Questions that could not be answered, and what they need',
    [
      texts(
        'question',
        open.map(({ title }) => title),
      ),
      texts(
        'needs',
        open.map(({ evidence, warnings }) =>
          evidence.length > 0 ? evidence.map(({ source }) => source).join(', ') : warnings.map(sayWarning).join(', '),
        ),
      ),
      texts(
        'id',
        open.map(({ id }) => id),
      ),
    ],
    { folded: true },
  );
}
