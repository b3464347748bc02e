import { type EpochMilliseconds, after, between } from '../../model/units.ts';
import type { CallTree, CallTreeProfile } from '../analysis.ts';
import { GrowingCallTree } from './call-tree.ts';
import { pruneCallTree } from './prune-call-tree.ts';
import type { ReadProfile } from './summarize-profiles.ts';

/** What is not known before all profiles are read. */
export interface RunOfTrees {
  readonly modulePath: string | null;
  /** Requests done between two instants; null where it is not known. */
  readonly requestsBetween: (from: EpochMilliseconds, to: EpochMilliseconds) => number | null;
}

/**
 * Figures that all trees of a run may have together, and one alone. A figure takes about six letters when it is written
 * down, so that a report stays below 2 MB.
 */
const figures = { allTrees: 90_000, oneTree: 30_000 };

type Said = Omit<CallTreeProfile, 'cumulative' | 'negative' | 'requests'> & {
  readonly since: EpochMilliseconds | null;
};

interface OfKind {
  readonly unit: string;
  readonly tree: GrowingCallTree;
  readonly profiles: Said[];
}

/** Gathers the profiles of a run, one tree for each kind; a CPU profile's values came up while it ran, others' since the snapshot before. */
export class CallTreesOfRun {
  readonly #kinds = new Map<string, OfKind>();

  /** Profiles of one kind have one unit; what comes with another is left out. */
  add({ capture, profile, since, summary }: ReadProfile): void {
    const { kind, stage, label } = capture;
    const unit = profile.sampleTypes[profile.defaultSampleType]?.unit ?? '';
    const ofKind = this.#kinds.get(kind) ?? {
      unit,
      tree: new GrowingCallTree(),
      profiles: [],
    };
    if (ofKind.unit !== unit || profile.samples.count === 0) return;
    this.#kinds.set(kind, ofKind);
    ofKind.tree.add(profile);
    const durationMs = since === null ? null : kind === 'cpu' ? capture.durationMs : between(since, capture.startedAt);
    ofKind.profiles.push({ stage, label, samples: summary.samples, durationMs, note: summary.reason, since });
  }

  finish({ modulePath, requestsBetween }: RunOfTrees): readonly CallTree[] {
    const mostFigures = Math.min(figures.oneTree, Math.floor(figures.allTrees / Math.max(1, this.#kinds.size)));
    return [...this.#kinds].map(([kind, { unit, tree, profiles }]): CallTree => {
      const bare = pruneCallTree(tree.finish(modulePath), mostFigures);
      return {
        kind,
        unit,
        ...bare,
        profiles: profiles.map(({ since, ...said }, index): CallTreeProfile => {
          const { cumulative = [], negative = 0 } = bare.profiles[index] ?? {};
          const requests =
            since === null || said.durationMs === null ? null : requestsBetween(since, after(since, said.durationMs));
          return { ...said, cumulative, negative, requests };
        }),
      };
    });
  }
}
