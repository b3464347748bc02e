import type { Cell, Table } from '../document.ts';
import { formatCount, formatDuration, formatIn, formatPercent, formatQuantity, scaleFor } from '../format-quantity.ts';
import type { FlameTree } from './flame-tree.ts';
import type { FlameView } from './flame-view.ts';
import { type FrameChange, frameChange, isPerRequest } from './frame-change.ts';

/** What width and colour mean in this view: of what, how much it is, in which stage and how long. */
export function legendText(tree: FlameTree, view: FlameView): string {
  const { measure, leftOut } = tree.data;
  const compared =
    view.base === null
      ? []
      : [
          `Compared with ${titleOf(tree, view.base)}, ${amountText(tree, view.base)}`,
          ...comparisonText(tree, view.shown, view.base),
        ];
  const notes = [view.shown, view.base ?? view.shown].map((profile) => {
    const note = tree.data.profiles[profile]?.note ?? null;
    return note === null ? '' : `${titleOf(tree, profile)}: ${note}`;
  });
  const width = `Width: ${measure} in ${titleOf(tree, view.shown)}, ${amountText(tree, view.shown)}`;
  return [width, ...compared, ...new Set(notes), leftOut]
    .filter((text) => text !== '')
    .join('. ')
    .concat('.');
}

const titleOf = (tree: FlameTree, profile: number): string => tree.data.profiles[profile]?.title ?? '';

/** "8.12 s in 812 samples taken over 10 s; 9,800 requests done meanwhile, 829 µs each" */
function amountText(tree: FlameTree, profile: number): string {
  const { samples = null, durationMs = null, requests = null } = tree.data.profiles[profile] ?? {};
  const all = tree.value(profile, 0);
  const counted =
    samples === null || samples === all ? '' : ` in ${formatCount(samples)} ${samples === 1 ? 'sample' : 'samples'}`;
  const length = durationMs === null ? '' : ` over ${formatDuration(durationMs)}`;
  const each =
    requests === null
      ? ''
      : `; ${formatCount(Math.round(requests))} requests done meanwhile, ${formatQuantity(all / requests, tree.data.unit)} each`;
  return `${formatQuantity(all, tree.data.unit)}${counted}${length}${each}`;
}

function comparisonText(tree: FlameTree, shown: number, base: number): string[] {
  const { scatter, profiles } = tree.data;
  const isCost = [shown, base].every((profile) => (profiles[profile]?.durationMs ?? null) !== null);
  const gone = goneShare(tree, shown, base);
  return [
    `Colour: ${isPerRequest(tree, shown, base) ? 'by how much a request costs more or less there' : 'by how much it is more or less there'}`,
    isCost && !isPerRequest(tree, shown, base) ? 'Not for each request: how many were done meanwhile is not known' : '',
    scatterTexts[scatter],
    gone < smallestGone
      ? ''
      : `${formatPercent(gone)} of ${titleOf(tree, base)} is in stacks that are not in ${titleOf(tree, shown)}: show that to see them`,
  ].filter((text) => text !== '');
}

const scatterTexts = {
  poisson: 'Differences within the scatter of their samples (95 %) have no colour',
  none: '',
  unknown: 'How far such values scatter by chance is not known, so small frames may differ without a reason',
} as const;

const smallestGone = 0.001;

/** Of the base, the share in stacks that the shown profile does not have. */
function goneShare(tree: FlameTree, shown: number, base: number): number {
  let gone = 0;
  for (let node = 1; node < tree.size; node++) {
    if (tree.value(shown, node) > 0) continue;
    gone += tree.value(base, node);
    node = (tree.endOf[node] ?? tree.size) - 1;
  }
  const all = tree.value(base, 0);
  return all === 0 ? 0 : gone / all;
}

/** One frame in a sentence, for those who point at it or move to it. */
export function frameText(tree: FlameTree, view: FlameView, node: number): string {
  const { unit } = tree.data;
  const value = tree.value(view.shown, node);
  const own = tree.own(view.shown, node);
  const isRest = node > 0 && (tree.data.functionOf[node] ?? 0) < 0;
  const parts = [
    `${formatQuantity(value, unit)}, ${formatPercent(shareOf(tree, view.shown, node))} of ${titleOf(tree, view.shown)}`,
    own === value || isRest || node === 0 ? '' : `its own ${formatQuantity(own, unit)}`,
    view.base === null ? '' : changeSentence(tree, view, view.base, node),
    `level ${tree.depth(node)}`,
  ];
  const name = isRest ? `${tree.name(node)} frames of ${tree.name(tree.callerOf[node] ?? 0)}` : tree.name(node);
  return `${name}: ${parts.filter((text) => text !== '').join('; ')}`;
}

function changeSentence(tree: FlameTree, view: FlameView, base: number, node: number): string {
  const change = frameChange(tree, view, node);
  const each = isPerRequest(tree, view.shown, base) ? ' for each request' : '';
  const { unit } = tree.data;
  return `${formatQuantity(change.before, unit)} → ${formatQuantity(change.after, unit)}${each} (${changeText(change)})`;
}

/** "+120%", "new", "+12%, within scatter" */
function changeText({ ratio, isNoise, after }: FrameChange): string {
  const text =
    ratio === null
      ? 'in neither'
      : ratio === Infinity
        ? 'new'
        : after === 0
          ? 'gone'
          : `${ratio > 0 ? '+' : ''}${formatPercent(ratio)}`;
  return isNoise === true && ratio !== null ? `${text}, within scatter` : text;
}

const shareOf = (tree: FlameTree, profile: number, node: number): number => {
  const all = tree.value(profile, 0);
  return all === 0 ? 0 : tree.value(profile, node) / all;
};

/** Rows of a table. */
const mostRows = 40;

/**
 * The view as a table: the frames with the largest share (of either profile, where two are compared), in the order of the
 * tree, each behind its caller. What is left out is said in the caption.
 */
export function flameTable(tree: FlameTree, view: FlameView, title: string): Table {
  const { rows, others, largestOther } = largest(tree, view);
  const rest =
    others === 0 ? '' : `; the other ${formatCount(others)} have at most ${formatPercent(largestOther)} each`;
  const under = view.root === 0 ? '' : ` below ${tree.name(view.root)}`;
  return {
    kind: 'table',
    caption: `${title} as a table: ${titleOf(tree, view.shown)}${view.base === null ? '' : ` compared with ${titleOf(tree, view.base)}`}${under}, the frames with the largest share, each behind its caller${rest}`,
    columns: [
      { title: 'function', align: 'left' },
      { title: 'level', align: 'right' },
      ...figureTitles(tree, view, rows),
    ],
    rows: cellsOf(tree, view, rows),
    folded: true,
  };
}

interface Largest {
  /** In the order of the tree. */
  readonly rows: readonly number[];
  readonly others: number;
  readonly largestOther: number;
}

/** A tree may have 50,000 nodes, and this is asked for at every zoom: only their shares are sorted. */
function largest(tree: FlameTree, { shown, base, root }: FlameView): Largest {
  const shares = Float64Array.from({ length: (tree.endOf[root] ?? 0) - root }, (_, below) =>
    Math.max(shareOf(tree, shown, root + below), base === null ? 0 : shareOf(tree, base, root + below)),
  );
  const sorted = shares.toSorted();
  const cut = sorted.at(-mostRows) ?? 0;
  const larger = shares.reduce((count, share) => count + (share > cut ? 1 : 0), 0);
  const seen = shares.reduce((count, share) => count + (share > 0 ? 1 : 0), 0);
  let equal = mostRows - larger;
  const rows: number[] = [];
  for (const [below, share] of shares.entries())
    if (share > cut || (share === cut && share > 0 && equal-- > 0)) rows.push(root + below);
  return { rows, others: seen - rows.length, largestOther: sorted.at(-mostRows - 1) ?? 0 };
}

function figureTitles(tree: FlameTree, view: FlameView, rows: readonly number[]): Table['columns'] {
  const { symbol } = scaleOf(tree, view, rows);
  const unit = symbol === '' ? '' : `, ${symbol}`;
  if (view.base === null)
    return [right('share'), right(`with what it calls${unit}`), right('own share'), right(`own${unit}`)];
  const each = isPerRequest(tree, view.shown, view.base) ? ' for each request' : '';
  return [
    right(`${titleOf(tree, view.base)}${each}${unit}`),
    right(`${titleOf(tree, view.shown)}${each}${unit}`),
    right('change'),
    right('share'),
  ];
}

const right = (title: string): Table['columns'][number] => ({ title, align: 'right' });

function scaleOf(tree: FlameTree, view: FlameView, rows: readonly number[]): ReturnType<typeof scaleFor> {
  return scaleFor(
    tree.data.unit,
    view.base === null
      ? rows.map((node) => tree.value(view.shown, node))
      : rows.map((node) => frameChange(tree, view, node).after),
  );
}

function cellsOf(tree: FlameTree, view: FlameView, rows: readonly number[]): readonly (readonly Cell[])[] {
  const scale = scaleOf(tree, view, rows);
  return rows.map((node) => {
    const level = tree.depth(node) - tree.depth(view.root);
    const name = `${indent.repeat(Math.min(level, mostIndents))}${tree.name(node)}`;
    const share = formatPercent(shareOf(tree, view.shown, node));
    if (view.base === null) {
      const own = tree.own(view.shown, node);
      const all = tree.value(view.shown, 0);
      const figures = [
        share,
        formatIn(scale, tree.value(view.shown, node)),
        formatPercent(all === 0 ? 0 : own / all),
        formatIn(scale, own),
      ];
      return [name, String(tree.depth(node)), ...figures];
    }
    const change = frameChange(tree, view, node);
    const text = changeText(change);
    return [
      name,
      String(tree.depth(node)),
      formatIn(scale, change.before),
      formatIn(scale, change.after),
      change.isNoise === true ? { text, tone: 'muted' } : text,
      share,
    ];
  });
}

/** A figure space, which tables do not swallow. */
const indent = '\u2007';
const mostIndents = 24;
