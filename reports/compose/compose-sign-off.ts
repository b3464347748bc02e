import {
  type CheckId,
  type CheckStatus,
  type HeadroomRow,
  type SafeRate,
  type SignOff,
  type SignOffVerdict,
  type Subject,
  requiredTests,
} from '../../model/sign-off.ts';
import { rateText } from '../../model/rate-text.ts';
import type { VerdictStatus } from '../../model/finding.ts';
import type { Block, Cell, Column, Document, Fact, Table, Tone } from '../document.ts';
import { formatPercent } from '../format-quantity.ts';

const left = (title: string): Column => ({ title, align: 'left' });
const right = (title: string): Column => ({ title, align: 'decimal' });

/** The sign-off on a page, for those who decide and for those who have to believe it. */
export function composeSignOff(signOff: SignOff, subjects: readonly Subject[]): Document {
  const { service, validity, plimsollVersion } = signOff;
  return {
    title: `${service}: capacity sign-off`,
    subtitle: `made ${minute(validity.from)}, valid until ${minute(validity.expires)}, plimsoll ${plimsollVersion}`,
    blocks: [
      {
        kind: 'verdict',
        status: statusOf[signOff.verdict],
        headline: headline(signOff),
        facts: facts(signOff, subjects),
      },
      ...against(signOff),
      heading('Checklist'),
      checklist(signOff),
      ...(signOff.headroom.length === 0 ? [] : [heading('Headroom'), headroom(signOff)]),
      heading('Where it holds'),
      validityTable(signOff, subjects),
      heading('What was run'),
      runs(signOff),
      methods(signOff),
    ],
  };
}

const statusOf: Readonly<Record<SignOffVerdict, VerdictStatus>> = {
  PASS: 'pass',
  FAIL: 'fail',
  INCONCLUSIVE: 'inconclusive',
};

const heading = (text: string): Block => ({ kind: 'heading', level: 2, text });

/** To the minute, in UTC. */
const minute = (instant: string): string => `${instant.slice(0, 16).replace('T', ' ')} UTC`;

function headline({ verdict, trafficTarget, instances, checklist: lines }: SignOff): string {
  const peak = rateText(trafficTarget.ratePerSecond);
  const count = (status: CheckStatus): number => lines.filter((line) => line.status === status).length;
  switch (verdict) {
    case 'PASS': {
      const waived = count('waived');
      return `it carries ${peak} with ${instances.planned ?? '?'} instances, of which ${instances.survive} may be lost${waived === 0 ? '' : `, with ${waived} waived`}`;
    }
    case 'FAIL':
      return `not for ${peak}: ${count('fail')} of ${lines.length} checks failed`;
    case 'INCONCLUSIVE':
      return `not decided for ${peak}: ${count('inconclusive')} of ${lines.length} checks are open`;
    default:
      return verdict satisfies never;
  }
}

function facts(signOff: SignOff, subjects: readonly Subject[]): readonly Fact[] {
  const { safeRatePerInstance: safe, levels, headroom: rows } = signOff;
  const worst = rows.filter(({ required }) => required).at(-1);
  return [
    {
      id: 'water-level',
      label: 'safe rate',
      value: safe === null ? 'not known' : `${rateText(safe.estimate)} each`,
      note: safe === null ? null : intervalText(safe),
    },
    {
      id: 'load-to-plan',
      label: 'headroom',
      value: worst?.share == null ? 'not known' : formatPercent(worst.share.low),
      note:
        worst === undefined
          ? null
          : `left with ${worst.lost} lost, of ${worst.instances + worst.lost} at ${rateText(signOff.trafficTarget.ratePerSecond)}`,
    },
    {
      id: 'levels',
      label: 'levels',
      value: levels === null ? 'not known' : `green to ${rateText(levels.greenPerSecond)}`,
      note:
        levels === null
          ? null
          : `yellow to ${rateText(levels.yellowPerSecond)}, red to ${rateText(levels.redPerSecond)}`,
    },
    {
      id: 'subject',
      label: 'subject',
      value: subjects.map(({ name }) => name).join(', '),
      note: subjects.map(digestText).join(', '),
    },
  ];
}

function intervalText({ low, high, confidence, method }: SafeRate): string {
  const interval = high === null ? `from ${rateText(low)}` : `${rateText(low)} to ${rateText(high)}`;
  return `${interval}${confidence === null ? '' : `, ${formatPercent(confidence)}`}; ${method}`;
}

const digestText = ({ digest }: Subject): string =>
  Object.entries(digest)
    .map(([algorithm, value]) => `${algorithm}:${value}`)
    .join(' ');

/** What the lines of the checklist are called for people. */
const titles: Readonly<Record<CheckId, string>> = {
  subject: 'subject',
  runs: 'runs complete',
  'evidence-age': 'age of the evidence',
  environment: 'environment',
  policy: 'policy',
  'traffic-target': 'planned peak',
  'search-certificate': 'certified rate',
  'peak-soak': 'soak at the peak',
  spike: 'spike',
  'instance-lost': 'instance lost',
  'slow-dependency': 'slow dependency',
  restart: 'restart under load',
  headroom: 'headroom',
  settings: 'settings tested',
  findings: 'critical findings',
  regressions: 'regressions',
  approvers: 'approval',
  waivers: 'waivers',
};

const shown: Readonly<Record<CheckStatus, { readonly text: string; readonly tone: Tone }>> = {
  pass: { text: 'passed', tone: 'good' },
  fail: { text: 'failed', tone: 'bad' },
  inconclusive: { text: 'open', tone: 'warning' },
  waived: { text: 'waived', tone: 'warning' },
  'not-applicable': { text: 'not asked', tone: 'muted' },
};

/** What keeps it from passing, said at once. */
function against({ checklist: lines }: SignOff): readonly Block[] {
  return lines
    .filter(({ status }) => status === 'fail' || status === 'inconclusive')
    .map(({ id, status, evidence }): Block => {
      const { text, tone } = shown[status];
      return { kind: 'text', brief: true, tone, text: `${text}: ${titles[id]}: ${evidence}` };
    });
}

function checklist({ checklist: lines }: SignOff): Table {
  return {
    kind: 'table',
    caption: 'What is open or failed is no pass, and neither is what is missing',
    brief: true,
    columns: [left('check'), left(''), { ...left('evidence'), leaves: 1 }],
    rows: lines.map(({ id, status, evidence, waiver }): readonly Cell[] => [
      titles[id],
      shown[status],
      waiver === null ? evidence : `${evidence}; waived by ${waiver}`,
    ]),
  };
}

function methods({ checklist: lines }: SignOff): Table {
  return {
    kind: 'table',
    caption: 'How each check is decided',
    folded: true,
    columns: [left('check'), left('asked for'), left('method')],
    rows: lines.map(({ id, trigger, method }) => [titles[id], trigger, method]),
  };
}

function headroom({ headroom: rows }: SignOff): Table {
  return {
    kind: 'table',
    caption: 'Share of the safe rate that is left at the planned peak',
    brief: true,
    columns: [left('instances'), right('load of each'), right('left'), right('at least'), left('')],
    rows: rows.map((row): readonly Cell[] => [
      row.lost === 0 ? `${row.instances}` : `${row.instances}, ${row.lost} lost`,
      rateText(row.ratePerInstancePerSecond),
      row.share === null ? '–' : formatPercent(row.share.estimate),
      row.share === null ? '–' : formatPercent(row.share.low),
      headroomCell(row),
    ]),
  };
}

function headroomCell({ status, required }: HeadroomRow): Cell {
  const { text, tone } = shown[status];
  return required ? { text, tone } : { text: `${text}, not asked for`, tone: 'muted' };
}

function runs({ runs: all, checklist: lines }: SignOff): Table {
  const missing = requiredTests.filter(
    (test) =>
      !all.some((run) => run.test === test) &&
      lines.some(({ id, status }) => id === test && status !== 'not-applicable'),
  );
  return {
    kind: 'table',
    caption:
      missing.length === 0
        ? 'Every required test was run'
        : `Missing: ${missing.map((test) => titles[test]).join(', ')}`,
    columns: [left('test'), left('run'), left('verdict'), left('began')],
    rows: all.map(({ id, test, name, verdict, outcome, startedAt }): readonly Cell[] => [
      test === null ? `${name} (beside the tests)` : titles[test],
      id,
      outcome === 'completed' ? verdict : `${outcome}, ${verdict}`,
      minute(startedAt),
    ]),
  };
}

function validityTable(signOff: SignOff, subjects: readonly Subject[]): Table {
  const { validity, trafficTarget, instances, approvers, policy, environment } = signOff;
  const { ratePerSecond, source, date } = trafficTarget;
  const known = Object.entries(environment).filter(([, value]) => value !== null);
  return {
    kind: 'table',
    caption: 'It ends with its last day, and where one of these is another',
    columns: [left(''), left('')],
    rows: [
      ['until', minute(validity.expires)],
      ['subject', subjects.map((subject) => `${subject.name} ${digestText(subject)}`).join(', ')],
      ['commit', validity.commit ?? 'not known'],
      ['peak', [`up to ${rateText(ratePerSecond)}`, source, date].filter((part) => part !== null).join(', ')],
      [
        'instances',
        instances.planned === null ? 'not said' : `${instances.planned}, of which ${instances.survive} may be lost`,
      ],
      ['settings', settingsText(signOff)],
      ['environment', known.map(([name, value]) => `${name} ${value ?? ''}`).join(', ')],
      ['policy', policy === null ? 'none' : `${policy.name} sha256:${policy.sha256}`],
      ...signOff.waivers.map(({ scope, owner, reason, expires }) => [
        `waived: ${titles[scope]}`,
        `by ${owner} until ${minute(expires)}: ${reason}`,
      ]),
      ...(signOff.openRegressions.length === 0 ? [] : [['open regressions', signOff.openRegressions.join('; ')]]),
      ['approved by', approvers.length === 0 ? 'nobody' : approvers.join(', ')],
    ],
  };
}

/** Recommended values, each with the run that tested exactly it; said once where it is the same. */
function settingsText({ settings }: SignOff): string {
  if (settings.length === 0) return 'the defaults';
  const byRun = Map.groupBy(settings, ({ testedBy }) => testedBy);
  return [...byRun]
    .map(([run, some]) => {
      const values = some.map(({ name, value }) => `${name}=${value}`).join(', ');
      return `${values}, ${run === null ? 'not tested' : `tested by ${run}`}`;
    })
    .join('; ');
}
