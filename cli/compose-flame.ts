import type { CallTreeOfFiles } from '../analysis/profiles/call-tree-of-files.ts';
import { composeFlameGraph } from '../reports/compose/flame-graph.ts';
import type { Document } from '../reports/document.ts';
import { encodeFlameData } from '../reports/flame-graph/encode-flame-data.ts';

/** What a frame's width means, by sample type. */
const measures: Readonly<Record<string, string>> = {
  cpu: 'CPU time',
  samples: 'CPU samples',
  alloc_space: 'memory allocated',
  alloc_objects: 'objects allocated',
  inuse_space: 'memory in use',
  inuse_objects: 'objects in use',
  goroutine: 'goroutines',
  contentions: 'contentions',
  delay: 'time waited',
};

/** A page with the flame graph of profiles, compared with another where there is one: then the base is the first profile. */
export function composeFlame({ tree, sampleType, isSampled }: CallTreeOfFiles, isCompared: boolean): Document {
  const measure = measures[sampleType] ?? sampleType;
  const data = encodeFlameData(tree, {
    measure,
    scatter: isSampled ? 'poisson' : sampleType === 'goroutine' ? 'none' : 'unknown',
    titles: tree.profiles.map(({ label }) => label),
    shown: tree.profiles.length - 1,
    base: isCompared ? 0 : null,
    isCompared,
  });
  const title = `${measure.charAt(0).toUpperCase()}${measure.slice(1)}: flame graph`;
  return {
    title: tree.profiles.at(-1)?.label ?? '',
    subtitle: isCompared ? `${title}, compared with ${tree.profiles[0]?.label ?? ''}` : title,
    blocks: [
      composeFlameGraph(data, {
        id: 'flame',
        title,
        ownText: 'the program and its modules',
        folded: false,
      }),
    ],
  };
}
