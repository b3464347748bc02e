import type { ProfileSummary } from '../../analysis/analysis.ts';
import type { Block, Cell, Table } from '../document.ts';
import { formatCount, formatIn, formatPercent, scaleFor, unknownText } from '../format-quantity.ts';
import { sayProfile } from '../wording.ts';
import { buildTable, texts, titled } from './build-table.ts';
import { flameGraphOf } from './flame-graphs.ts';
import { whyMissing } from './missing-measurements.ts';
import { type RunView, loadText } from './run-view.ts';

/**
 * What the profiles say: for each kind tables, functions down and stages across, so that a share that grows with load
 * stands out, and a flame graph of the stacks.
 */
export function profilesSection(view: RunView): Block[] {
  const { analysis } = view;
  const { profiles } = analysis.detail;
  const heading: Block = { kind: 'heading', level: 2, text: 'Profiles' };
  if (profiles.length === 0) {
    const why = whyMissing(analysis, ['pprof'], 'no pprof address was given (--pprof)');
    return [
      heading,
      { kind: 'text', text: `Not measured. ${why.charAt(0).toUpperCase()}${why.slice(1)}.`, tone: 'muted' },
    ];
  }
  const read = profiles.filter(({ top }) => top.length > 0);
  const kinds = [...new Set(read.map(({ kind }) => kind))].toSorted((left, right) => place(left) - place(right));
  return [
    heading,
    ...kinds.flatMap((kind, index) => {
      const ofKind = read.filter((profile) => profile.kind === kind);
      return [
        shares(view, ofKind, 'flat', index > 0),
        shares(view, ofKind, 'cumulative', true),
        ...flameGraphOf(view, kind, index > 0),
      ];
    }),
    files(view, profiles),
  ];
}

const order = ['cpu', 'allocs', 'heap', 'goroutine', 'mutex', 'block'];

/** Unknown kinds come last. */
function place(kind: string): number {
  const known = order.indexOf(kind);
  return known === -1 ? order.length : known;
}

/** Functions of one table; the files have them all. */
const mostFunctions = 12;
/** Of a CPU profile: below this a function's share is uncertain by several percent. */
const fewSamples = 300;

type Share = 'flat' | 'cumulative';

function shares(view: RunView, profiles: readonly ProfileSummary[], share: Share, folded: boolean): Table {
  const [first] = profiles;
  const of = ({ flatShare, cumulativeShare }: ProfileSummary['top'][number]): number =>
    share === 'flat' ? flatShare : cumulativeShare;
  const highest = new Map<string, number>();
  // What the process did before the load is no reason to be on the list, unless there is nothing else.
  const underLoad = profiles.filter(({ stage }) => stage !== null);
  for (const { top } of underLoad.length === 0 ? profiles : underLoad)
    for (const row of top) highest.set(row.function, Math.max(of(row), highest.get(row.function) ?? 0));
  const functions = [...highest]
    .toSorted(([, left], [, right]) => right - left)
    .slice(0, mostFunctions)
    .map(([name]) => name);
  const unit = first?.unit ?? '1';
  const scale = scaleFor(
    unit,
    profiles.map(({ total }) => total),
  );
  const total: Cell[] = profiles.map((profile) => ({ text: formatIn(scale, profile.total), tone: 'muted' }));
  // One way to count in all columns, so that they can be compared.
  const known = profiles.flatMap(({ samples }) => samples ?? []);
  const counted = first?.kind === 'cpu' && known.length === profiles.length && Math.min(...known) < fewSamples;
  const what = share === 'flat' ? 'in the function itself' : 'in it and what it calls';
  return {
    kind: 'table',
    caption: `${capital(sayProfile(first?.kind ?? ''))}: ${counted ? 'samples' : 'share'} ${what} (${share}), top functions of each profile; – is not among them${counted ? `. Fewer than ${fewSamples} samples in a profile are too few for percentages` : ''}`,
    columns: [
      { title: 'function', align: 'left' },
      ...profiles.map((profile) => ({ title: when(view, profile), align: 'right' as const })),
    ],
    rows: [
      [{ text: titled('all together', scale), tone: 'muted' }, ...total],
      ...(counted
        ? [
            [
              { text: 'samples', tone: 'muted' as const },
              ...profiles.map(({ samples }): Cell => ({ text: formatCount(samples), tone: 'muted' })),
            ],
          ]
        : []),
      ...functions.map((name): Cell[] => [
        name,
        ...profiles.map(({ top, samples }): Cell => {
          const row = top.find((one) => one.function === name);
          if (row === undefined) return { text: unknownText, tone: 'muted' };
          return counted ? formatCount(Math.round(of(row) * (samples ?? 0))) : formatPercent(of(row));
        }),
      ]),
    ],
    folded,
  };
}

function when(view: RunView, { stage, label }: ProfileSummary): string {
  return stage === null ? label : `${stage} · ${loadText(view, stage)}`;
}

function files(view: RunView, profiles: readonly ProfileSummary[]): Table {
  return buildTable(
    'All profiles; the files open with go tool pprof',
    [
      texts(
        'when',
        profiles.map((profile) => when(view, profile)),
      ),
      texts(
        'profile',
        profiles.map(({ kind }) => sayProfile(kind)),
      ),
      texts(
        'file, or why there is none',
        profiles.map(({ file, reason }) => file ?? reason ?? ''),
      ),
    ],
    { folded: true },
  );
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
