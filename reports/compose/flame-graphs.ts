import type { CallTree, CallTreeProfile } from '../../analysis/analysis.ts';
import type { FlameGraph } from '../document.ts';
import { encodeFlameData } from '../flame-graph/encode-flame-data.ts';
import { sayProfile } from '../wording.ts';
import { composeFlameGraph } from './flame-graph.ts';
import { type RunView, holds, stageText } from './run-view.ts';

/** What a frame's width means, by kind of profile. */
const measures: Readonly<Record<string, string>> = {
  cpu: 'CPU time',
  allocs: 'memory allocated',
  heap: 'memory in use after a collection',
  goroutine: 'goroutines',
  mutex: 'time that others waited for locks which were held here',
  block: 'time that goroutines were blocked here',
};

/**
 * The flame graph of one kind of profile with all its stages, or none. It shows the first valid stage that missed an
 * objective, else the highest valid one, and can be compared with the lowest valid one.
 *
 * @param folded whether it is opened by the reader
 */
export function flameGraphOf(view: RunView, kind: string, folded: boolean): readonly FlameGraph[] {
  const tree = view.analysis.detail.callTrees.find((each) => each.kind === kind);
  if (tree === undefined || tree.profiles.length === 0) return [];
  const inOrder = byStage(tree);
  const { shown, base } = choiceOf(view, inOrder.profiles);
  const data = encodeFlameData(inOrder, {
    measure: measures[kind] ?? kind,
    // Goroutines are counted one by one; of the others the runtime does not say how many it saw.
    scatter: kind === 'cpu' ? 'poisson' : kind === 'goroutine' ? 'none' : 'unknown',
    titles: inOrder.profiles.map(({ stage, label }) => (stage === null ? label : stageText(view, stage))),
    shown,
    base,
    isCompared: false,
  });
  const name = sayProfile(kind);
  return [
    composeFlameGraph(data, {
      id: `flame-${kind}`,
      title: `${name.charAt(0).toUpperCase()}${name.slice(1)}: flame graph`,
      ownText: 'the service’s own code',
      folded,
    }),
  ];
}

/** Before the load, the stages, after the load. */
function byStage(tree: CallTree): CallTree {
  return { ...tree, profiles: tree.profiles.toSorted((one, other) => compare(place(one), place(other))) };
}

const place = ({ stage, label }: CallTreeProfile): number => stage ?? (label === 'baseline' ? -1 : Infinity);

const compare = (one: number, other: number): number => (one < other ? -1 : Number(one > other));

function choiceOf(
  view: RunView,
  profiles: readonly CallTreeProfile[],
): { readonly shown: number; readonly base: number | null } {
  const judged = holds(view).filter(
    ({ index, validity }) => validity.status === 'valid' && profiles.some(({ stage }) => stage === index),
  );
  const placeOf = (stage: number | undefined): number => profiles.findIndex((each) => each.stage === stage);
  const asked = placeOf((judged.find(({ held }) => held === false) ?? judged.at(-1))?.index);
  const shown = asked === -1 ? profiles.length - 1 : asked;
  const lowest = placeOf(judged[0]?.index);
  if (lowest !== -1 && lowest !== shown) return { shown, base: lowest };
  // The lowest is the one that missed, or no stage is valid: against its neighbour.
  return { shown, base: profiles.length < 2 ? null : shown === 0 ? 1 : shown - 1 };
}
