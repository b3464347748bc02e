import type { GateCheck } from '../../analysis/gate/gate-check.ts';
import type { VerdictStatus } from '../../model/finding.ts';
import type { Block, Cell, Document, Tone } from '../../reports/document.ts';
import { formatInstant, formatPercent, formatQuantity, unknownText } from '../../reports/format-quantity.ts';
import type { GateFigures } from './gate-figures.ts';

/** How much of a judgement is told where space is short. */
export interface GateExtent {
  /** Checks in the table; those that did not pass come first. */
  readonly checks: number;
  readonly details: boolean;
}

export const wholeGate: GateExtent = { checks: Number.POSITIVE_INFINITY, details: true };

/** A judgement for people: verdict, checks, why, waivers. */
export function composeGate(figures: GateFigures, extent: GateExtent = wholeGate): Document {
  const { policy, runs, verdict, checks, warnings, judgedAt } = figures;
  const ordered = checks.toSorted((left, right) => ranks[left.status] - ranks[right.status]);
  const shown = ordered.slice(0, extent.checks);
  const left = ordered.length - shown.length;
  const against = runs.reference.length === 0 ? '' : ` against ${runs.reference.length} of the reference`;
  return {
    title: `Gate ${policy.name}: ${words[verdict.status]}`,
    subtitle: `${runs.candidate.length} ${runs.candidate.length === 1 ? 'run' : 'runs'}${against}; ${formatPercent(verdict.score)} of the weight passed, ${formatPercent(verdict.passShare)} is asked; ${policy.file} ${policy.sha256.slice(0, shortHash)}, ${formatInstant(judgedAt)}`,
    blocks: [
      {
        kind: 'table',
        caption: 'Checks, what did not pass first',
        brief: true,
        columns: [
          { title: 'check', align: 'left' },
          { title: 'measured', align: 'right' },
          { title: 'limit', align: 'left' },
          { title: 'result', align: 'left' },
        ],
        rows: shown.map((check): readonly Cell[] => [
          `${check.id}${check.key && check.kind !== 'evidence' ? ' (key)' : ''}`,
          measuredText(check),
          check.limit,
          { text: check.status, tone: tones[check.status] },
        ]),
      },
      ...(left === 0 ? [] : [brief(`… and ${left} more checks, which are in the JSON.`, 'muted')]),
      ...shown.flatMap((check) => reasonBlocks(check, extent.details)),
      ...(extent.details ? warnings.map(({ code, message }) => brief(`${code}: ${message}`, 'warning')) : []),
    ],
  };
}

const shortHash = 12;
const ranks = { fail: 0, inconclusive: 1, waived: 2, pass: 3 } as const;

const words: Readonly<Record<VerdictStatus, string>> = { pass: 'passed', fail: 'failed', inconclusive: 'inconclusive' };

const tones: Readonly<Record<GateCheck['status'], Tone>> = {
  pass: 'good',
  fail: 'bad',
  inconclusive: 'warning',
  waived: 'warning',
};

const brief = (text: string, tone: Tone): Block => ({ kind: 'text', brief: true, tone, text });

function reasonBlocks(check: GateCheck, details: boolean): readonly Block[] {
  if (check.reason === null) return [];
  const reason = details ? check.reason : cut(check.reason);
  const { waiver } = check;
  const waived =
    waiver === null ? '' : `; waived up to ${waiver.upTo} by ${waiver.owner} until ${waiver.expires}: ${waiver.reason}`;
  return [brief(`${check.id}: ${reason}${waived}`, tones[check.status])];
}

const longestReason = 300;
const cut = (text: string): string => (text.length <= longestReason ? text : `${text.slice(0, longestReason)}…`);

/** A change as a factor or a difference; all else in its unit. */
export function measuredText({ measured, unit }: GateCheck): string {
  if (measured === null) return unknownText;
  const say = (value: number | null): string => {
    if (value === null) return 'open';
    if (unit === 'ratio' || unit === 'difference') return formatPercent(value);
    return unit === 'change' ? `× ${Number(value.toPrecision(digits))}` : formatQuantity(value, unit ?? '1');
  };
  const { estimate, low, high } = measured;
  return `${say(estimate)} (${say(low)} to ${say(high)})`;
}

const digits = 4;
